CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE VIEW v AS SELECT id, a AS more FROM t;
COMMENT ON VIEW v IS 'x';
GRANT SELECT ON v TO pg_monitor;
