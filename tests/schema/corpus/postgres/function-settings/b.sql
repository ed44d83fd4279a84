CREATE FUNCTION f() RETURNS integer LANGUAGE sql SECURITY DEFINER STABLE LEAKPROOF SET search_path = pg_catalog, public SET work_mem = '8MB' AS 'SELECT 1';
