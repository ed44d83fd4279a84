CREATE SCHEMA ext;
CREATE EXTENSION hstore SCHEMA public;
CREATE TABLE x (h public.hstore);
