CREATE TABLE x (a bigint);
GRANT SELECT (a) ON x TO pg_monitor;
COMMENT ON COLUMN x.a IS 'c';
