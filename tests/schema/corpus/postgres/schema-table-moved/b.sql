CREATE SCHEMA one;
CREATE SCHEMA two;
CREATE TABLE two.t (id integer);
