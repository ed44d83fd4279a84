CREATE TYPE e AS ENUM ('a', 'b', 'c');
CREATE TABLE r (id bigserial PRIMARY KEY, name text UNIQUE, made timestamptz NOT NULL DEFAULT now());
CREATE TABLE t (id bigint PRIMARY KEY, r bigint REFERENCES r ON DELETE SET NULL, v e NOT NULL DEFAULT 'b', amount numeric(10,2) CHECK (amount >= 0));
CREATE INDEX t_v ON t (v, r) WHERE amount > 0;
COMMENT ON TABLE t IS 'new';
