CREATE TABLE t (k integer, v integer[]);
