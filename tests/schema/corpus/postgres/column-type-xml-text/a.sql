CREATE TABLE t (k integer, v xml);
