CREATE TABLE t (a integer, b text, c jsonb, d tsvector);
CREATE INDEX "My Index, WITH (x)" ON t (a);
