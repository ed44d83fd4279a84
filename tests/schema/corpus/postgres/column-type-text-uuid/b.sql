CREATE TABLE t (k integer, v uuid);
