CREATE TABLE t (k integer, v timestamp(3));
