CREATE COLLATION c (provider = icu, locale = 'en', deterministic = false);
COMMENT ON COLLATION c IS 'x';
CREATE TABLE x (a text COLLATE c, b text);
CREATE INDEX x_a ON x (a);
CREATE INDEX x_b ON x (b COLLATE c);
