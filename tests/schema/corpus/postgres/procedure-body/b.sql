CREATE PROCEDURE p(a integer, INOUT b integer) LANGUAGE plpgsql AS 'BEGIN b := a + 1; END';
COMMENT ON PROCEDURE p(integer, integer) IS 'c';
