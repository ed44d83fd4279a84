CREATE PROCEDURE p(IN a integer, OUT b integer, OUT c integer) LANGUAGE plpgsql AS 'BEGIN b := a; END';
