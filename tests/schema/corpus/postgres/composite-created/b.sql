CREATE TYPE c AS (a integer, b text COLLATE "C");
CREATE TABLE t (v c, vs c[]);
COMMENT ON TYPE c IS 'x';
COMMENT ON COLUMN c.a IS 'y';
