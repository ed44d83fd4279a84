CREATE TABLE t (k integer, v timestamptz);
