CREATE TABLE "T t" ("Id" integer, "select" integer);
