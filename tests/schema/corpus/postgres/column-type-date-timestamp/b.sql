CREATE TABLE t (k integer, v timestamp);
