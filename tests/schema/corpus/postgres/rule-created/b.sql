CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE TABLE log (id integer, what text);
CREATE RULE r AS ON UPDATE TO t WHERE NEW.a > 5 DO ALSO (INSERT INTO log VALUES (NEW.id, 'x'); DELETE FROM log WHERE id = 0);
COMMENT ON RULE r ON t IS 'c';
