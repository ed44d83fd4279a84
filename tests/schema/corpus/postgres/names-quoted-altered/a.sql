CREATE TABLE "T t" ("a b" integer, "c.d" text);
CREATE INDEX "I i" ON "T t" ("a b");
CREATE TYPE "E e" AS ENUM ('x', 'y');
ALTER TABLE "T t" ADD "E" "E e"[];
