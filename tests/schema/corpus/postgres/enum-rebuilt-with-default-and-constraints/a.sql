CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (m mood DEFAULT 'ok', CONSTRAINT c CHECK (m <> 'sad'));
CREATE INDEX i ON t (m);
CREATE INDEX j ON t (m) WHERE m = 'ok';
COMMENT ON TYPE mood IS 'moods';
COMMENT ON COLUMN t.m IS 'x';
