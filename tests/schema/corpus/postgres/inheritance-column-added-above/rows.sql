INSERT INTO c (id, more) VALUES (1, 2);
