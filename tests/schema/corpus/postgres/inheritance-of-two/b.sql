CREATE TABLE p (a integer);
CREATE TABLE q (b integer, a integer);
CREATE TABLE c (d integer) INHERITS (p, q);
