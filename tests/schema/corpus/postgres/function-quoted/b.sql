CREATE SCHEMA "S s";
CREATE TYPE "S s"."E e" AS ENUM ('a');
CREATE FUNCTION "S s"."F f"("A a" "S s"."E e", "select" integer[]) RETURNS "S s"."E e" LANGUAGE sql AS 'SELECT $1';
