CREATE TABLE t (id integer, CONSTRAINT c CHECK (id > 0));
COMMENT ON CONSTRAINT c ON t IS 'only positive';
