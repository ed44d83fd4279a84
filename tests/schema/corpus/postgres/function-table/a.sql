CREATE FUNCTION f() RETURNS TABLE (a integer, b text) LANGUAGE sql ROWS 5 AS $$SELECT 1, 'x'$$;
