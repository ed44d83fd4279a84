CREATE SCHEMA s;
CREATE TABLE s.t (id integer);
CREATE VIEW s.v AS SELECT t.id FROM s.t;
CREATE VIEW public.v AS SELECT v.id FROM s.v;
