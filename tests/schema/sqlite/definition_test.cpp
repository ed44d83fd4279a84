// What a statement of a definition file says of itself.
#include <doctest/doctest.h>

#include "database.hpp"

namespace flux::testing {
namespace {

std::string mentions(Database& database, const std::string& sql) {
  std::string out;
  const ScriptPtr file = Script::make("notes.sql", sql);
  for (const Mention& m : database.backend().read_definition(*file, {0, sql.size()})) {
    const char* role = m.role == FLUX_MENTION_DEFINES ? "defines" : (m.role == FLUX_MENTION_USES ? "uses" : "renamed");
    out += std::string(role) + " " + m.kind + (m.kind.empty() ? "" : " ") + m.name + (m.old_name.empty() ? "" : " from " + m.old_name) + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("a definition names what it defines, what it uses and what was renamed") {
  struct Case {
    std::string sql, mentions;
  };
  const Case cases[] = {
      {"CREATE TABLE IF NOT EXISTS main.[my table] (a REFERENCES b)", "defines table \"my table\"\n"},
      {"CREATE UNIQUE INDEX i ON t (a)", "defines index i\nuses t\n"},
      {"create view v as select * from t join \"u\" on exists (select 1 from w) where x in y", "defines view v\nuses t\nuses u\nuses w\nuses y\n"},
      {"CREATE TRIGGER x AFTER UPDATE ON t BEGIN INSERT INTO u (a) SELECT 1 FROM v; DELETE FROM w; UPDATE OR IGNORE z SET a = 1; END",
       "defines trigger x\nuses t\nuses u\nuses v\nuses w\nuses z\n"},
      {"CREATE VIRTUAL TABLE f USING fts5(a)", "defines virtual table f\n"},
      {"-- All notes.\n-- flux: renamed from=\"old notes\"\nCREATE TABLE notes (\n  id INTEGER,\n  -- flux: renamed from=headline\n  title TEXT, -- what it is called\n  body TEXT\n)",
       "defines table notes\nrenamed table notes from old notes\nrenamed column notes.title from headline\n"},
      {"--flux:renamed from=main.w\nCREATE VIEW v AS SELECT 1", "defines view v\nrenamed view v from w\n"},
  };
  Database database;
  for (const Case& c : cases) {
    CAPTURE(c.sql);
    CHECK(mentions(database, c.sql) == c.mentions);
  }
}

TEST_CASE("what defines nothing is refused, with a hint") {
  struct Case {
    std::string sql, message, hint;
  };
  const Case cases[] = {
      {"INSERT INTO t VALUES (1)", "INSERT is no definition", "write what changes rows into a migration"},
      {"-- why\nALTER TABLE t ADD COLUMN a", "ALTER is no definition", "write the table as it should be; Flux finds the way there"},
      {"PRAGMA user_version = 1", "PRAGMA is no definition", "a schema is made of CREATE TABLE, INDEX, VIEW, TRIGGER and VIRTUAL TABLE"},
      {"CREATE TEMP TABLE t (a)", "what is temporary is no part of a schema", "a schema is made of CREATE TABLE, INDEX, VIEW, TRIGGER and VIRTUAL TABLE"},
      {"CREATE TABLE other.t (a)", "the attached database other is no part of this schema", "leave its name out"},
      {"CREATE TABLE t AS SELECT 1", "CREATE TABLE … AS SELECT makes rows, too", "write the table with its columns"},
      {"CREATE TABLE t (a, -- flux: renamed from=b\n  c)", "\"renamed\" stands behind something else", "write it on a line of its own, above what was renamed"},
      {"-- flux: renamed\nCREATE TABLE t (a)", "\"renamed\" does not say from what", "write -- flux: renamed from=OLD_NAME"},
      {"CREATE TABLE t (a INT CHECK a > 1)", "expected ( and found \"a\"", ""},
  };
  Database database;
  for (const Case& c : cases) {
    CAPTURE(c.sql);
    try {
      mentions(database, c.sql);
      FAIL("it was taken");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::script);
      CHECK(error.failures().front().message == c.message);
      CHECK(error.failures().front().hint == c.hint);
      REQUIRE(error.failures().front().where);
    }
  }
}

}  // namespace flux::testing
