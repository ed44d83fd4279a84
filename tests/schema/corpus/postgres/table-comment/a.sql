CREATE TABLE t (
  id integer NOT NULL,
  note text
);
COMMENT ON TABLE t IS 'old';
COMMENT ON COLUMN t.id IS 'gone soon';
