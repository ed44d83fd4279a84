// What is read from the texts of definitions.
#include <algorithm>
#include <flux/core/error.hpp>
#include <flux/core/script.hpp>

#include "database.hpp"

using namespace flux;
using namespace flux::testing;

namespace {

std::vector<Mention> mentions(const std::string& sql) {
  const ScriptPtr file = Script::make("schema.sql", sql);
  return backend()->read_definition(*file, TextSpan{0, file->text().size()});
}

// "table public.t" of what it defines, "" where nothing.
std::string defined(const std::string& sql) {
  for (const Mention& m : mentions(sql))
    if (m.role == FLUX_MENTION_DEFINES) return m.kind + ' ' + m.name;
  return "";
}

bool uses(const std::string& sql, const std::string& name) {
  const std::vector<Mention> all = mentions(sql);
  return std::any_of(all.begin(), all.end(),
                     [&](const Mention& m) { return m.role == FLUX_MENTION_USES && m.name == name; });
}

// "column t.b <- a" for each.
std::string renamed(const std::string& sql) {
  std::string out;
  for (const Mention& m : mentions(sql))
    if (m.role == FLUX_MENTION_RENAMED) out += (out.empty() ? "" : ", ") + m.kind + ' ' + m.name + " <- " + m.old_name;
  return out;
}

std::string refused(const std::string& sql) {
  try {
    mentions(sql);
  } catch (const Error& error) {
    return error.failures().front().message;
  }
  return "";
}

}  // namespace

TEST_SUITE("postgres definitions") {
  TEST_CASE("what a statement defines has the name that its fact will have") {
    const std::pair<std::string, std::string> cases[] = {
        {"CREATE TABLE Public.Orders (id integer)", "table public.orders"},
        {"CREATE UNLOGGED TABLE IF NOT EXISTS \"Order\" (id integer)", "table \"Order\""},
        {"create table t partition of p for values in (1)", "table t"},
        {"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON app.t (a)", "index app.i"},
        {"CREATE INDEX i ON ONLY app.t (a)", "index app.i"},
        {"CREATE INDEX ON t (a)", ""},
        {"CREATE SCHEMA AUTHORIZATION joe", "schema joe"},
        {"CREATE TYPE m AS ENUM ('a')", "enum m"},
        {"CREATE TYPE c AS (a integer)", "composite type c"},
        {"CREATE TYPE r AS RANGE (SUBTYPE = integer)", "range r"},
        {"CREATE DOMAIN d AS integer", "domain d"},
        {"CREATE SEQUENCE app.s AS integer", "sequence app.s"},
        {"CREATE OR REPLACE VIEW v AS SELECT 1", "view v"},
        {"CREATE RECURSIVE VIEW v (n) AS SELECT 1", "view v"},
        {"CREATE MATERIALIZED VIEW v AS SELECT 1", "materialized view v"},
        {"CREATE FUNCTION app.f(a integer, b text DEFAULT 'x, y') RETURNS integer LANGUAGE sql AS 'SELECT 1'",
         "function app.f(a integer, b text)"},
        {"CREATE FUNCTION f() RETURNS integer LANGUAGE sql RETURN 1", "function f()"},
        {"CREATE PROCEDURE p(IN a numeric(10, 2)) LANGUAGE sql AS ''", "procedure p(a numeric(10, 2))"},
        {"CREATE CONSTRAINT TRIGGER g AFTER INSERT OR UPDATE OF a, b ON app.t EXECUTE FUNCTION f()", "trigger app.t.g"},
        {"CREATE POLICY p ON t USING (true)", "policy t.p"},
        {"CREATE RULE r AS ON INSERT TO app.t DO INSTEAD NOTHING", "rule app.t.r"},
        {"CREATE EXTENSION IF NOT EXISTS hstore", "extension hstore"},
        {"CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()", "event trigger e"},
        {"CREATE FOREIGN TABLE app.f (a integer) SERVER s", "foreign table app.f"},
        {"CREATE STATISTICS s ON a, b FROM t", "statistics s"},
        {"ALTER TABLE ONLY app.t ADD CONSTRAINT \"F\" FOREIGN KEY (a) REFERENCES r", "constraint app.t.\"F\""},
        {"ALTER TABLE t OWNER TO joe", ""},
        {"COMMENT ON TABLE t IS 'x'", ""},
        {"GRANT SELECT ON t TO joe", ""},
        {"SET search_path = app", ""},
        {"SELECT pg_catalog.set_config('search_path', '', false)", ""},
    };
    for (const auto& [sql, expected] : cases) {
      CAPTURE(sql);
      CHECK(defined(sql) == expected);
    }
  }

  TEST_CASE("overloads are different functions") {
    CHECK(defined("CREATE FUNCTION f(integer) RETURNS integer RETURN 1") !=
          defined("CREATE FUNCTION f(text) RETURNS integer RETURN 1"));
  }

  TEST_CASE("what a statement may need is every name in it but those of its columns") {
    const char* sql =
        "CREATE TABLE app.t (\n  id integer DEFAULT nextval('app.s'::regclass),\n  m app.mood,\n"
        "  r integer REFERENCES other.r (id), -- not.this\n  CHECK (app.ok(id) AND m <> 'not this')\n)";
    for (const std::string& name : std::vector<std::string>{"app.s", "app.mood", "other.r", "app.ok"}) {
      CAPTURE(name);
      CHECK(uses(sql, name));
    }
    for (const std::string& name : std::vector<std::string>{"not.this", "this", "app.t"}) {
      CAPTURE(name);
      CHECK_FALSE(uses(sql, name));
    }
    CHECK_FALSE(uses("CREATE TABLE t (note text)", "note"));
    CHECK(uses("CREATE VIEW v AS SELECT * FROM \"My T\".x", "\"My T\".x"));
    CHECK_FALSE(uses("CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS $x$ SELECT a.b $x$", "a.b"));
    CHECK(uses("CREATE FUNCTION f() RETURNS integer BEGIN ATOMIC SELECT n FROM a.b; END", "a.b"));
    CHECK(uses("COMMENT ON COLUMN app.t.id IS 'x'", "app.t.id"));
  }

  TEST_CASE("default privileges come behind all that is made") {
    CHECK(uses("ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO joe", "*"));
    CHECK_FALSE(uses("ALTER TABLE app.t OWNER TO joe", "*"));
  }

  TEST_CASE("comments say what something was called") {
    CHECK(renamed("-- Orders of customers\n-- flux: renamed from=bills\nCREATE TABLE app.orders (id integer)") ==
          "table app.orders <- bills");
    CHECK(renamed("CREATE TABLE t (\n  id integer,\n  -- flux: renamed from=\"Old Name\"\n  note text,\n"
                  "  -- flux: renamed from=c\n  CONSTRAINT d CHECK (id > 0)\n)") ==
          "column t.note <- Old Name, constraint t.d <- c");
    CHECK(renamed("CREATE TYPE c AS (\n  -- flux: renamed from=a\n  b integer)") == "attribute c.b <- a");
    CHECK(refused("-- flux: renamed from=\nCREATE TABLE t ()") == "\"renamed\" does not say from what");
    CHECK(refused("CREATE TABLE t (a integer, -- flux: renamed from=x\n b integer)") ==
          "\"renamed\" stands behind something else");
  }

  TEST_CASE("what defines nothing is refused") {
    for (const std::string& sql :
         std::vector<std::string>{"INSERT INTO t VALUES (1)",
                                  "UPDATE t SET a = 1",
                                  "DELETE FROM t",
                                  "TRUNCATE t",
                                  "DROP TABLE t",
                                  "DO $$ BEGIN END $$",
                                  "SELECT 1",
                                  "CREATE TEMPORARY TABLE t (a integer)",
                                  "CREATE ROLE joe",
                                  "VACUUM",
                                  "GRANT pg_read_all_data TO joe",
                                  "GRANT admin TO joe WITH ADMIN OPTION",
                                  "REVOKE admin FROM joe",
                                  "GRANT CONNECT ON DATABASE app TO joe",
                                  "GRANT CREATE ON TABLESPACE fast TO joe",
                                  "GRANT SET ON PARAMETER work_mem TO joe",
                                  "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
                                  "ALTER SUBSCRIPTION s DISABLE",
                                  "CREATE DATABASE app",
                                  "CREATE TABLESPACE t LOCATION '/x'",
                                  "CREATE USER joe",
                                  "CREATE GROUP g",
                                  "ALTER ROLE joe SUPERUSER",
                                  "ALTER USER joe PASSWORD 'x'",
                                  "ALTER GROUP g ADD USER joe",
                                  "ALTER DATABASE app SET work_mem = 1",
                                  "ALTER SYSTEM SET work_mem = 1",
                                  "ALTER TABLESPACE t RENAME TO u",
                                  "COMMENT ON DATABASE app IS 'x'",
                                  "COMMENT ON ROLE joe IS 'x'",
                                  "SECURITY LABEL FOR p ON ROLE joe IS 'x'",
                                  "CREATE TABLE t AS SELECT 1",
                                  "CREATE TABLE t (a) WITH (fillfactor = 70) AS SELECT 1",
                                  "CREATE UNLOGGED TABLE IF NOT EXISTS t AS EXECUTE q",
                                  "SELECT 1 AS a INTO t",
                                  "SELECT set_config('a.b', 'c', false) INTO t",
                                  "SELECT set_config('a.b', f(), false)",
                                  "SELECT pg_terminate_backend(1), set_config('a.b', 'c', false)",
                                  "CREATE UNKNOWN THING x"}) {
      CAPTURE(sql);
      CHECK(refused(sql) != "");
    }
    CHECK(refused("DELETE FROM t") == "DELETE is no definition");
    CHECK(refused("GRANT admin TO joe") == "GRANT of this kind is no definition");
  }

  TEST_CASE("what lies in the database is taken, also where its name is that of something outside") {
    for (const std::string& sql :
         std::vector<std::string>{"GRANT SELECT ON role TO joe",
                                  "GRANT USAGE ON SCHEMA app TO joe",
                                  "REVOKE ALL ON FUNCTION f() FROM PUBLIC",
                                  "CREATE USER MAPPING FOR joe SERVER s",
                                  "ALTER USER MAPPING FOR joe SERVER s OPTIONS (SET a 'b')",
                                  "CREATE OPERATOR + (FUNCTION = f, LEFTARG = a)",
                                  "CREATE OPERATOR CLASS c FOR TYPE t USING btree AS STORAGE t",
                                  "CREATE CAST (a AS b) WITHOUT FUNCTION",
                                  "CREATE TEXT SEARCH CONFIGURATION c (COPY = simple)",
                                  "CREATE TRUSTED LANGUAGE l HANDLER h",
                                  "CREATE DEFAULT CONVERSION c FOR 'UTF8' TO 'LATIN1' FROM f",
                                  "CREATE ACCESS METHOD m TYPE INDEX HANDLER h",
                                  "CREATE TRANSFORM FOR t LANGUAGE l (FROM SQL WITH FUNCTION f)",
                                  "CREATE TABLE t (a integer GENERATED ALWAYS AS (1) STORED)",
                                  "CREATE TABLE database (role text)",
                                  "CREATE MATERIALIZED VIEW v AS SELECT 1",
                                  "COMMENT ON COLUMN t.role IS 'x'",
                                  "ALTER DEFAULT PRIVILEGES FOR ROLE joe GRANT SELECT ON TABLES TO ann",
                                  "SECURITY LABEL ON TABLE t IS 'x'",
                                  "SELECT pg_catalog.set_config('search_path', '', false)"}) {
      CAPTURE(sql);
      CHECK(refused(sql) == "");
    }
  }
}
