CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
GRANT SELECT, INSERT ON t TO pg_monitor WITH GRANT OPTION;
