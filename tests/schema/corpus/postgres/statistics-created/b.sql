CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE STATISTICS s (ndistinct, dependencies) ON a, b FROM t;
ALTER STATISTICS s SET STATISTICS 300;
COMMENT ON STATISTICS s IS 'c';
