CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a';
CREATE TABLE u (a integer, b integer GENERATED ALWAYS AS (f(a)) STORED);
CREATE INDEX u_f ON u (f(a));
