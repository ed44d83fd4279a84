CREATE TABLE t (k integer, v timetz);
