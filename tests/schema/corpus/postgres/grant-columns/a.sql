CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
GRANT SELECT (a), UPDATE (a, b) ON t TO pg_monitor;
