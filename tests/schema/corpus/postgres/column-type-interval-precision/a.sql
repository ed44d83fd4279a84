CREATE TABLE t (k integer, v interval(2));
