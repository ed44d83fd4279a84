CREATE TABLE p (id integer NOT NULL, note text DEFAULT 'x', CONSTRAINT positive CHECK (id > 0));
CREATE TABLE c (more integer) INHERITS (p);
