CREATE TABLE t (k integer, v bit varying(5));
