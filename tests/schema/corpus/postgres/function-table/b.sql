CREATE FUNCTION f() RETURNS TABLE (a integer, c text) LANGUAGE sql ROWS 6 AS $$SELECT 1, 'x'$$;
