INSERT INTO r (name) VALUES ('x');
INSERT INTO t VALUES (1, 1, 'a', 5);
