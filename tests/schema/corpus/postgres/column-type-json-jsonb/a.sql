CREATE TABLE t (k integer, v json);
