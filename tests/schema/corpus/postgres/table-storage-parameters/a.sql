CREATE TABLE t (id integer, note text) WITH (fillfactor = 70, autovacuum_enabled = false);
