CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE FUNCTION f(n integer) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM t WHERE a > n; END;
