CREATE TABLE t (k integer, v varchar(10));
