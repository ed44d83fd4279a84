CREATE SCHEMA "My Schema";
CREATE TABLE "My Schema"."Order" ("select" integer, "a.b" text);
