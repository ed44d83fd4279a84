CREATE FUNCTION f(a integer) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE VIEW v AS SELECT f(1) AS f;
GRANT EXECUTE ON FUNCTION f(integer) TO pg_monitor;
