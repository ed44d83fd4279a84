CREATE FUNCTION s(integer, integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT $1 + $2';
CREATE FUNCTION fin(integer) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1::text';
CREATE AGGREGATE g(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '1', SSPACE = 12);
CREATE VIEW v AS SELECT g(x) FROM generate_series(1, 3) x;
