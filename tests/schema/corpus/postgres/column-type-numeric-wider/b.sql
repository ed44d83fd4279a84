CREATE TABLE t (k integer, v numeric(12,2));
