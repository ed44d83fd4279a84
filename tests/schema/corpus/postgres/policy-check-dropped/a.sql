CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE POLICY p ON t USING (a > 1) WITH CHECK (a > 2);
COMMENT ON POLICY p ON t IS 'c';
