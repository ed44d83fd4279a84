CREATE TABLE t (
  id integer NOT NULL,
  note text
);
ALTER TABLE t ADD CONSTRAINT c CHECK (id > 0) NOT VALID;
