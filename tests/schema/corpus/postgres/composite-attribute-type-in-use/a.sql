CREATE TYPE c AS (x bigint, y text);
COMMENT ON TYPE c IS 'kept';
COMMENT ON COLUMN c.y IS 'kept, too';
CREATE TABLE t (id integer, v c, w c[]);
