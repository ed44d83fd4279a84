CREATE TABLE "T t" ("a b" bigint NOT NULL DEFAULT 5, "c.d" varchar(20));
CREATE INDEX "I i" ON "T t" ("a b", "c.d");
CREATE TYPE "E e" AS ENUM ('y', 'x');
ALTER TABLE "T t" ADD "E" "E e"[];
