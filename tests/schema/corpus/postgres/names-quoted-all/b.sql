CREATE SCHEMA "a.b";
CREATE TYPE "a.b"."Mood, or" AS ENUM ('x');
CREATE DOMAIN "a.b"."do""main" AS text CONSTRAINT "c ""k" CHECK (VALUE <> '');
CREATE SEQUENCE "a.b"."S eq";
CREATE TABLE "a.b"."T, (x)" (
  "I d" integer DEFAULT nextval('"a.b"."S eq"'),
  "select" "a.b"."Mood, or" DEFAULT 'x',
  "d.""d" "a.b"."do""main",
  "id" integer GENERATED ALWAYS AS IDENTITY,
  CONSTRAINT "P.K" PRIMARY KEY ("I d"),
  CONSTRAINT "ch, eck" CHECK ("I d" > 0)
);
ALTER SEQUENCE "a.b"."S eq" OWNED BY "a.b"."T, (x)"."I d";
CREATE INDEX "In""dex" ON "a.b"."T, (x)" ("select");
ALTER TABLE "a.b"."T, (x)" CLUSTER ON "In""dex";
CREATE TABLE "a.b"."child, 1" () INHERITS ("a.b"."T, (x)");
COMMENT ON TABLE "a.b"."T, (x)" IS 't';
COMMENT ON CONSTRAINT "P.K" ON "a.b"."T, (x)" IS 'k';
COMMENT ON COLUMN "a.b"."T, (x)"."d.""d" IS 'c';
COMMENT ON CONSTRAINT "c ""k" ON DOMAIN "a.b"."do""main" IS 'd';
