CREATE TABLE t (a integer, b text, c jsonb, d tsvector);
CREATE INDEX i ON t ((a + 1), upper(b) COLLATE "C");
