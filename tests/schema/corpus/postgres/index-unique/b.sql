CREATE TABLE t (a integer, b text, c jsonb, d tsvector);
CREATE UNIQUE INDEX i ON t (a);
