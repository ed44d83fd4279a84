CREATE TABLE x (a integer);
CREATE POLICY p ON x USING (a > 1);
