CREATE FUNCTION f(a integer, OUT b integer, OUT d text) LANGUAGE sql AS $$SELECT 1, 'x'$$;
