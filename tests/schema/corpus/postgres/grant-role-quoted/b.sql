CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
GRANT SELECT ON t TO PUBLIC;
REVOKE SELECT ON t FROM PUBLIC;
GRANT SELECT ON t TO pg_read_all_settings;
