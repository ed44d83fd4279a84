CREATE FUNCTION f(a integer) RETURNS void LANGUAGE sql AS '';
