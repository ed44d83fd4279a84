CREATE TABLE t (k integer, v bit(3));
