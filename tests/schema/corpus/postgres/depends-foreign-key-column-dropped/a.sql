CREATE TABLE r (id integer PRIMARY KEY);
CREATE TABLE t (a integer, r integer REFERENCES r);
