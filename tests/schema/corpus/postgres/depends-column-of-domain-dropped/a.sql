CREATE DOMAIN d AS integer;
CREATE TABLE t (a integer, v d);
