CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE VIEW m AS SELECT id FROM t;
