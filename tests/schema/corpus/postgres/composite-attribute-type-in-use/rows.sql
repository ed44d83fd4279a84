INSERT INTO t VALUES (1, '(5,five)', '{"(6,six)"}');
