CREATE TABLE t (a integer, b text, c jsonb, d tsvector);
CREATE INDEX i ON t (a);
CREATE INDEX j ON t (b);
ALTER TABLE t CLUSTER ON j;
