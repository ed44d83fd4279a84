CREATE TABLE t (
  id integer NOT NULL,
  note text
);
ALTER TABLE t ADD CONSTRAINT u UNIQUE (id) WITH (fillfactor = 70);
