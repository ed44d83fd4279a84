CREATE SCHEMA one;
CREATE SCHEMA two;
CREATE TABLE one.t (id integer);
