CREATE TABLE t (k integer);
