CREATE TABLE t (id integer, CONSTRAINT c UNIQUE (id));
