INSERT INTO t VALUES (1, 'x WITH (y) z');
