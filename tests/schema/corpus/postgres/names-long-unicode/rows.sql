INSERT INTO "aééééééééééééééééééééééééééééééé" VALUES ('a');
