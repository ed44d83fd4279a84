CREATE TABLE t (k integer, v text[]);
