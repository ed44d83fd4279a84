CREATE TYPE x AS (id integer);
CREATE TABLE y (id integer);
CREATE DOMAIN z AS text;
