CREATE TABLE t (id integer, a bigint);
CREATE VIEW v AS SELECT id, a FROM t;
CREATE VIEW w AS SELECT a FROM v;
COMMENT ON COLUMN w.a IS 'kept';
GRANT SELECT (a) ON w TO pg_monitor;
