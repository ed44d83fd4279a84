CREATE TABLE x (a bigint);
CREATE POLICY p ON x USING (a > 1);
