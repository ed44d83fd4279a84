CREATE TABLE t (k integer, v time);
