CREATE TABLE t (a text DEFAULT 'NULL', b text DEFAULT E'\\');
