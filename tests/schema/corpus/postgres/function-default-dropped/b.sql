CREATE FUNCTION f(a integer, b integer DEFAULT 3) RETURNS integer LANGUAGE sql AS 'SELECT 1';
