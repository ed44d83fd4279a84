CREATE TABLE r (a integer, b integer, UNIQUE (a, b));
CREATE TABLE t (a integer, b integer);
