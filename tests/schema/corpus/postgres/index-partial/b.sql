CREATE TABLE t (a integer, b text, c jsonb, d tsvector);
CREATE INDEX i ON t (a) WHERE b = 'x';
