CREATE TABLE t (k integer, v boolean);
