CREATE TABLE t (k integer, v real);
