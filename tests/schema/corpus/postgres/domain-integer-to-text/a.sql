CREATE DOMAIN d AS integer;
CREATE TABLE t (v d, vs d[]);
