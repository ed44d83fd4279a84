CREATE TABLE t (k integer, v date);
