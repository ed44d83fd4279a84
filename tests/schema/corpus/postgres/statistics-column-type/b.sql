CREATE TABLE x (a bigint, b integer);
CREATE STATISTICS s ON a, b FROM x;
CREATE STATISTICS e ON (a + b) FROM x;
