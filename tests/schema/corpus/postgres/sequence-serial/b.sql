CREATE TABLE t (k integer, id serial, big bigserial);
