CREATE SEQUENCE s;
CREATE TABLE t (a integer DEFAULT nextval('s'), b integer);
ALTER SEQUENCE s OWNED BY t.a;
