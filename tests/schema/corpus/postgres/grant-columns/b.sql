CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
GRANT SELECT (b), UPDATE (b) ON t TO pg_monitor WITH GRANT OPTION;
GRANT INSERT ON t TO pg_monitor;
