CREATE TABLE t (k integer, v inet);
