CREATE TABLE t (id integer, note text) WITH (fillfactor = 80, toast.autovacuum_enabled = off, autovacuum_vacuum_scale_factor = 0.05);
