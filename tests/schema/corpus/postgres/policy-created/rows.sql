INSERT INTO t (id, a, b) SELECT i, i, i::text FROM generate_series(1, 10) i;
