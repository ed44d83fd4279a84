CREATE TABLE t (a integer, b text);
CREATE INDEX i ON t (a) WITH (deduplicate_items = off, fillfactor = 80) WHERE b <> 'x WITH (q) z';
