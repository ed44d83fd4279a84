CREATE TABLE t (a integer, b text, c jsonb, d tsvector);
CREATE INDEX h ON t USING hash (a);
CREATE INDEX g ON t USING gin (c jsonb_path_ops);
CREATE INDEX s ON t USING gist (d);
CREATE INDEX r ON t USING brin (a) WITH (pages_per_range = 4, autosummarize = on);
CREATE INDEX sp ON t USING spgist (b);
