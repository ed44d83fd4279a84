CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE PUBLICATION p FOR TABLE t (id, a) WHERE (a > 1) WITH (publish = 'insert');
COMMENT ON PUBLICATION p IS 'c';
