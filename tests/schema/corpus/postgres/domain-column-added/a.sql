CREATE TABLE t (
  id integer NOT NULL,
  note text
);
CREATE DOMAIN d AS integer CHECK (VALUE > 0);
