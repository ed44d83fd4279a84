CREATE TABLE r (id integer);
CREATE UNIQUE INDEX ri ON r (id);
CREATE TABLE t (r integer REFERENCES r (id));
