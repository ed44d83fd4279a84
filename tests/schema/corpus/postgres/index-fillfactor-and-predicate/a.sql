CREATE TABLE t (a integer, b text, c jsonb, d tsvector);
CREATE INDEX i ON t (a) WITH (fillfactor = 70) WHERE a > 0;
