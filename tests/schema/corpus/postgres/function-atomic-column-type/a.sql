CREATE TABLE x (a integer);
CREATE FUNCTION f(n integer) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM x WHERE a > n; END;
