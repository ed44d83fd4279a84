CREATE TABLE a (x integer);
CREATE UNIQUE INDEX i ON a (x);
