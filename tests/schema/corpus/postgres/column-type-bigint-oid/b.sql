CREATE TABLE t (k integer, v oid);
