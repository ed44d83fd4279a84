CREATE TABLE m (id integer NOT NULL, at date NOT NULL, v numeric) PARTITION BY RANGE (at);
ALTER TABLE m ADD CONSTRAINT c CHECK (v > 0);
CREATE TABLE m_1 (id integer NOT NULL, at date NOT NULL, v numeric, CONSTRAINT c CHECK (v > 0));
