CREATE TABLE t (
  id integer NOT NULL,
  note text
);
ALTER TABLE t ADD extra uuid NOT NULL DEFAULT gen_random_uuid();
