CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE MATERIALIZED VIEW m AS SELECT id, a + 1 AS a FROM t;
CREATE INDEX m_a ON m (a);
GRANT SELECT ON m TO pg_monitor;
