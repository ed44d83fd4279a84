CREATE TABLE t (r int4range, k integer, CONSTRAINT apart EXCLUDE USING gist (r WITH &&) WHERE (k > 0) DEFERRABLE);
