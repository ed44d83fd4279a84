CREATE TABLE t (a integer, b text, c jsonb, d tsvector);
CREATE INDEX i ON t (a, lower(b));
ALTER INDEX i ALTER COLUMN 2 SET STATISTICS 300;
