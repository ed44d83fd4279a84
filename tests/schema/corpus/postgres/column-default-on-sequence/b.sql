CREATE SEQUENCE s;
CREATE TABLE t (a integer DEFAULT nextval('s'));
