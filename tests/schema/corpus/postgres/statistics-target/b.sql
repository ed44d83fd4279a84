CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE STATISTICS s ON a, b FROM t;
