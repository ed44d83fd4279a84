CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE POLICY p ON t FOR SELECT TO pg_monitor USING (a > 2 AND b <> 'x');
