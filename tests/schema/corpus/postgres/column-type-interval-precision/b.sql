CREATE TABLE t (k integer, v interval);
