CREATE COLLATION c (provider = icu, locale = 'de-u-co-phonebk');
COMMENT ON COLLATION c IS 'x';
CREATE TABLE x (a text COLLATE c);
CREATE INDEX x_a ON x (a);
