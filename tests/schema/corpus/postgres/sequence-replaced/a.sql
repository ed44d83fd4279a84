CREATE SEQUENCE one;
CREATE TABLE t (id integer DEFAULT nextval('one'), n text DEFAULT nextval('one'));
