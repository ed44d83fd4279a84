CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE VIEW v AS SELECT id, a FROM t;
COMMENT ON COLUMN v.a IS 'two';
COMMENT ON VIEW v IS 'all';
