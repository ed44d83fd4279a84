CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
ALTER TABLE t OWNER TO pg_monitor;
GRANT SELECT ON t TO pg_signal_backend;
