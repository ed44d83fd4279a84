CREATE TABLE p (id integer NOT NULL, note text DEFAULT 'x', CONSTRAINT positive CHECK (id > 0));
CREATE TABLE c (more integer) INHERITS (p);
ALTER TABLE c ALTER note SET DEFAULT 'y';
ALTER TABLE c ALTER note SET NOT NULL;
