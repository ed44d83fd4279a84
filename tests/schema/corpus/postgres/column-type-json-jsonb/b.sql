CREATE TABLE t (k integer, v jsonb);
