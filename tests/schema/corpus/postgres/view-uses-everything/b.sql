CREATE TYPE e AS ENUM ('x', 'y');
CREATE FUNCTION f(e) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE TABLE u (k e, w integer);
CREATE VIEW v AS SELECT f(k) AS f, 'x'::e AS e, w FROM u;
