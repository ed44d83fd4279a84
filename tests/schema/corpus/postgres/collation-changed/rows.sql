INSERT INTO x VALUES ('a', 'b');
