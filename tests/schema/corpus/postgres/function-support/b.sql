CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql IMMUTABLE SUPPORT generate_series_int4_support AS 'SELECT 1';
