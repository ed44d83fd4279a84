CREATE TABLE t (a integer, b integer, CONSTRAINT x EXCLUDE USING gist (int4range(a, b) WITH &&) INCLUDE (a) WITH (fillfactor = 60));
