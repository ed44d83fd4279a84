CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql AS 'SELECT id, a, b FROM t';
