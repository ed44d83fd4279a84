CREATE PROCEDURE p(IN a integer, OUT b integer) LANGUAGE plpgsql AS 'BEGIN b := a; END';
