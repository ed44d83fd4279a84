CREATE TABLE t (k integer, v double precision);
