CREATE TABLE t (k integer, v bigint);
