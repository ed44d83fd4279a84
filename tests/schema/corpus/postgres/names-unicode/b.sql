CREATE SCHEMA "größe";
CREATE TYPE "größe"."тип" AS ENUM ('да', 'нет');
CREATE TABLE "größe"."таблица" ("列" "größe"."тип" DEFAULT 'да', CONSTRAINT "ограничение" CHECK ("列" <> 'нет'));
COMMENT ON TABLE "größe"."таблица" IS 'ü 😀';
