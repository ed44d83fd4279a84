INSERT INTO "T t" VALUES (1, 'x', '{x}');
