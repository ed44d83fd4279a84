CREATE TABLE t (
  id integer NOT NULL,
  note text
);
COMMENT ON TABLE t IS E'new\nline';
COMMENT ON COLUMN t.note IS 'kept ''quoted''';
