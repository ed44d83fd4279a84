CREATE TABLE t (r int4range, k integer);
