CREATE TABLE m (id integer NOT NULL, at date NOT NULL, v numeric) PARTITION BY RANGE (at);
ALTER TABLE m ADD PRIMARY KEY (id, at);
CREATE INDEX ON m (v);
CREATE TABLE m_1 (id integer NOT NULL, at date NOT NULL, v numeric, PRIMARY KEY (id, at));
CREATE INDEX ON m_1 (v);
