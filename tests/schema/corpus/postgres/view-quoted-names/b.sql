CREATE TABLE "T t" ("Id" integer, "select" integer);
CREATE VIEW "V""v" AS SELECT "Id", "select" FROM "T t";
COMMENT ON COLUMN "V""v"."select" IS 'x';
