CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE TABLE log (id integer, what text);
CREATE RULE r AS ON DELETE TO t DO ALSO INSERT INTO log VALUES (OLD.id, OLD.b);
ALTER TABLE t DISABLE RULE r;
COMMENT ON RULE r ON t IS 'c';
