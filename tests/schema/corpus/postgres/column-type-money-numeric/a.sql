CREATE TABLE t (k integer, v money);
