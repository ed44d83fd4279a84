CREATE TABLE t (k integer, v cidr);
