CREATE SCHEMA app;
CREATE TYPE app.e AS ENUM ('a');
CREATE TABLE app.t (id serial PRIMARY KEY, v app.e DEFAULT 'a');
CREATE TABLE u (t integer REFERENCES app.t);
