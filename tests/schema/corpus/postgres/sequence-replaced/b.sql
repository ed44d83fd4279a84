CREATE SEQUENCE "T w'o";
CREATE TABLE t (id integer DEFAULT nextval('"T w''o"'), n text DEFAULT nextval('"T w''o"'));
