CREATE TABLE t (k integer, v char(5));
