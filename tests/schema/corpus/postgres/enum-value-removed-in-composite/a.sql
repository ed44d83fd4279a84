CREATE TYPE e AS ENUM ('x', 'y', 'z');
CREATE TYPE c AS (n integer, v e);
CREATE TABLE t (id integer, v c);
