CREATE TABLE r (a integer);
CREATE TABLE t (v r, vs r[]);
