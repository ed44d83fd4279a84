INSERT INTO t VALUES ('[1,3)', 1), ('[5,6)', 1);
