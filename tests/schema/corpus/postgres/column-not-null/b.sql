CREATE TABLE t (
  id integer NOT NULL,
  note text
);
ALTER TABLE t ALTER note SET NOT NULL;
