CREATE TABLE t (a integer, b text, c jsonb, d tsvector);
ALTER TABLE t REPLICA IDENTITY FULL;
