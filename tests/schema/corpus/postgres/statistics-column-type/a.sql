CREATE TABLE x (a integer, b integer);
CREATE STATISTICS s ON a, b FROM x;
CREATE STATISTICS e ON (a + b) FROM x;
