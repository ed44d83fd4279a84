// Renames, of each kind that has a name.
#include "database.hpp"

using namespace flux;
using namespace flux::testing;

namespace {

struct Rename {
  std::string kind, from, to;  // identities
  std::string before, after;   // definitions
};

const Rename renames[] = {
    {"schema", "a", "b", "CREATE SCHEMA a; CREATE TABLE a.t (id integer)",
     "CREATE SCHEMA b; CREATE TABLE b.t (id integer)"},
    {"table", "public.a", "public.b", "CREATE TABLE a (id integer)", "CREATE TABLE b (id integer)"},
    {"table", "one.a", "two.\"B c\"", "CREATE SCHEMA one; CREATE SCHEMA two; CREATE TABLE one.a (id integer)",
     "CREATE SCHEMA one; CREATE SCHEMA two; CREATE TABLE two.\"B c\" (id integer)"},
    {"column", "public.t.a", "public.t.\"select\"", "CREATE TABLE t (a integer)",
     "CREATE TABLE t (\"select\" integer)"},
    {"column", "public.p.a", "public.p.b", "CREATE TABLE p (a integer); CREATE TABLE c () INHERITS (p)",
     "CREATE TABLE p (b integer); CREATE TABLE c () INHERITS (p)"},
    {"constraint", "public.t.a", "public.t.b", "CREATE TABLE t (id integer, CONSTRAINT a UNIQUE (id))",
     "CREATE TABLE t (id integer, CONSTRAINT b UNIQUE (id))"},
    {"index", "public.a", "public.b", "CREATE TABLE t (id integer); CREATE INDEX a ON t (id)",
     "CREATE TABLE t (id integer); CREATE INDEX b ON t (id)"},
    {"sequence", "public.a", "public.b", "CREATE SEQUENCE a; CREATE TABLE t (id integer DEFAULT nextval('a'))",
     "CREATE SEQUENCE b; CREATE TABLE t (id integer DEFAULT nextval('b'))"},
    {"enum", "public.a", "public.b", "CREATE TYPE a AS ENUM ('x'); CREATE TABLE t (v a DEFAULT 'x')",
     "CREATE TYPE b AS ENUM ('x'); CREATE TABLE t (v b DEFAULT 'x')"},
    {"domain", "public.a", "public.b", "CREATE DOMAIN a AS integer; CREATE TABLE t (v a)",
     "CREATE DOMAIN b AS integer; CREATE TABLE t (v b)"},
    {"domain constraint", "public.d.a", "public.d.b", "CREATE DOMAIN d AS integer CONSTRAINT a CHECK (VALUE > 0)",
     "CREATE DOMAIN d AS integer CONSTRAINT b CHECK (VALUE > 0)"},
    {"composite type", "public.a", "public.b", "CREATE TYPE a AS (x integer)", "CREATE TYPE b AS (x integer)"},
    {"attribute", "public.c.a", "public.c.b", "CREATE TYPE c AS (a integer)", "CREATE TYPE c AS (b integer)"},
    {"range", "public.a", "public.b", "CREATE TYPE a AS RANGE (SUBTYPE = integer, MULTIRANGE_TYPE_NAME = m)",
     "CREATE TYPE b AS RANGE (SUBTYPE = integer, MULTIRANGE_TYPE_NAME = m)"},
};

}  // namespace

TEST_SUITE("postgres renames") {
  TEST_CASE("a new name is all that changes") {
    for (const Rename& rename : renames) {
      CAPTURE(rename.kind);
      CAPTURE(rename.to);
      Database database, wanted;
      database.run(rename.before);
      wanted.run(rename.after);
      const Schema from = database.inspect(), to = wanted.inspect();
      SchemaChange change;
      change.from = from.find({rename.kind, rename.from});
      change.to = to.find({rename.kind, rename.to});
      REQUIRE(change.from != nullptr);
      REQUIRE(change.to != nullptr);
      change.rename = true;
      const auto steps = backend()->change(change);
      REQUIRE(steps);
      for (const SchemaStep& step : *steps) database.run(step.sql);
      CHECK(difference_text(database.inspect(), to) == "");
      CHECK(difference_text(database.dump(), wanted.dump()) == "");
    }
  }
}
