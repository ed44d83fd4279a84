CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE VIEW v AS SELECT a, id FROM t;
GRANT SELECT ON v TO pg_monitor;
ALTER VIEW v OWNER TO pg_signal_backend;
REVOKE INSERT ON v FROM pg_signal_backend;
COMMENT ON VIEW v IS 'c';
