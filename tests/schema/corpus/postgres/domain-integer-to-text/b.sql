CREATE DOMAIN d AS text;
CREATE TABLE t (v d, vs d[]);
