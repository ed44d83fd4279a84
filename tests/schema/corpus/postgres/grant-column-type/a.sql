CREATE TABLE x (a integer);
GRANT SELECT (a) ON x TO pg_monitor;
COMMENT ON COLUMN x.a IS 'c';
