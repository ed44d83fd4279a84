CREATE TABLE t (a integer, b text);
CREATE INDEX i ON t (a) WITH (fillfactor = 70, deduplicate_items = off) WHERE b <> 'x WITH (y) z';
