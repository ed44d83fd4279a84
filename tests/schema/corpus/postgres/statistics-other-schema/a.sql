CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE SCHEMA o;
CREATE STATISTICS o.s ON a, b FROM t;
