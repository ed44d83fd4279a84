CREATE TABLE r (id integer);
CREATE UNIQUE INDEX ri ON r (id) WITH (fillfactor = 50);
CREATE TABLE t (r integer REFERENCES r (id));
