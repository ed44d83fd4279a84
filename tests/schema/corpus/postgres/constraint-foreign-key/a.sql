CREATE TABLE r (id integer PRIMARY KEY, k text UNIQUE);
CREATE TABLE t (id integer, k text);
