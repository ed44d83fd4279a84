CREATE TABLE t (id integer, a integer, CONSTRAINT k PRIMARY KEY (id));
CREATE VIEW v AS SELECT id, a FROM t GROUP BY id;
