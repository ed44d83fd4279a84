CREATE TABLE t (id integer PRIMARY KEY, a integer, b text);
CREATE VIEW v WITH (security_invoker = true, check_option = local) AS SELECT id FROM t;
