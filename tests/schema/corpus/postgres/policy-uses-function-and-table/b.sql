CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE TABLE may (id integer);
CREATE FUNCTION ok(integer) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';
CREATE POLICY p ON t USING (ok(a) AND EXISTS (SELECT FROM may WHERE may.id = t.id));
ALTER TABLE t FORCE ROW LEVEL SECURITY;
