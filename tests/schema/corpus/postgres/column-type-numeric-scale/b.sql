CREATE TABLE t (k integer, v numeric(10,3));
