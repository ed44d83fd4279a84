CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE r (id serial PRIMARY KEY, name varchar(10) UNIQUE);
CREATE TABLE t (id integer PRIMARY KEY, r integer REFERENCES r, v e DEFAULT 'a', amount numeric(8,2));
CREATE INDEX t_v ON t (v);
COMMENT ON TABLE t IS 'old';
