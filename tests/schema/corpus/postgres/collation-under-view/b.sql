CREATE COLLATION c (provider = icu, locale = 'fr');
CREATE TABLE x (a text COLLATE c);
CREATE VIEW v AS SELECT a FROM x ORDER BY a COLLATE c;
