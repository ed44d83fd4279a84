CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE TABLE log (id integer, what text);
