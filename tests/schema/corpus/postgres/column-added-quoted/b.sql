CREATE TABLE t (
  id integer NOT NULL,
  note text
);
ALTER TABLE t ADD "Größe ""x""" integer;
ALTER TABLE t ADD "order" text;
