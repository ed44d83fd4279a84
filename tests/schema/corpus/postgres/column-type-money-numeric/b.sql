CREATE TABLE t (k integer, v numeric);
