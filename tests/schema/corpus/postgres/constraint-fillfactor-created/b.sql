CREATE TABLE t (
  id integer NOT NULL,
  note text
);
ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (id) WITH (fillfactor = 70);
