CREATE SCHEMA ext;
CREATE EXTENSION hstore SCHEMA ext;
CREATE TABLE x (h ext.hstore DEFAULT ''::ext.hstore);
CREATE INDEX x_h ON x USING gin (h);
CREATE VIEW v AS SELECT h OPERATOR(ext.->) 'a' AS a FROM x;
