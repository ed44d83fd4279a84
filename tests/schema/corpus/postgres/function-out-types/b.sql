CREATE FUNCTION f(a integer, OUT b integer, OUT c name) LANGUAGE sql AS $$SELECT 1, 'x'::name$$;
