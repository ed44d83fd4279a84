CREATE TYPE c AS (x integer, y varchar(10));
COMMENT ON TYPE c IS 'kept';
COMMENT ON COLUMN c.y IS 'kept, too';
CREATE TABLE t (id integer, v c, w c[]);
