// What is seen of a database, and what is not.
#include <algorithm>

#include "database.hpp"

using namespace flux;
using namespace flux::testing;

namespace {

std::string kinds_of(const Schema& schema) {
  std::string out;
  for (const Fact& fact : schema.facts()) out += words(fact.name) + (fact.unmodelled ? " (unmodelled)" : "") + '\n';
  return out;
}

bool depends(const Schema& schema, const FactRef& name, const FactRef& on) {
  const Fact* fact = schema.find(name);
  REQUIRE_MESSAGE(fact != nullptr, words(name));
  return std::any_of(fact->dependencies.begin(), fact->dependencies.end(),
                     [&](const Dependency& d) { return d.on == on; });
}

}  // namespace

TEST_SUITE("postgres inspect") {
  TEST_CASE("a new database has its schema, and nothing else") {
    CHECK(Database().inspect().find({"schema", "public"}) != nullptr);
    CHECK(Database().inspect().find({"comment", "schema public"}) == nullptr);
  }

  TEST_CASE("the history is not seen, nor the schema that was made for it") {
    Database database;
    const std::string before = kinds_of(database.inspect());
    const auto one = backend();
    one->connect(Uri(database.uri()));
    one->lock(std::chrono::milliseconds(1000));
    one->initialize();
    one->unlock();
    CHECK(database.run("SELECT count(*) FROM pg_class WHERE relname = '_flux_migrations'") == "1");
    CHECK(kinds_of(database.inspect()) == before);
  }

  TEST_CASE("what an extension has made is not seen") {
    Database database;
    const std::string has = "SELECT count(*) FROM pg_available_extensions WHERE name = 'hstore'";
    REQUIRE_MESSAGE(database.run(has) == "1", "the extension hstore is needed (postgresql-contrib)");
    database.run("CREATE EXTENSION hstore; CREATE TABLE t (h hstore)");
    const Schema schema = database.inspect();
    CHECK(std::none_of(schema.facts().begin(), schema.facts().end(),
                       [](const Fact& fact) { return fact.name.kind == "operator" || fact.name.kind == "type"; }));
  }

  TEST_CASE("temporary tables are not seen") {
    Database database;
    const auto one = backend();
    one->connect(Uri(database.uri()));
    const std::string before = kinds_of(one->inspect());
    database.run("CREATE TEMPORARY TABLE t (id serial PRIMARY KEY)");
    CHECK(kinds_of(one->inspect()) == before);
  }

  TEST_CASE("what is not modelled is named") {
    Database database;
    database.run(
        "CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq);"
        "CREATE TEXT SEARCH CONFIGURATION tc (COPY = english);"
        "CREATE TABLE t (id integer)");
    const std::string kinds = kinds_of(database.inspect());
    CAPTURE(kinds);
    for (const char* line :
         {"operator public.===(integer,integer) (unmodelled)\n", "text search configuration public.tc (unmodelled)\n"})
      CHECK(kinds.find(line) != std::string::npos);
  }

  TEST_CASE("an index that is not valid is dropped and built again") {
    for (const bool online : {false, true}) {
      CAPTURE(online);
      Database database, wanted;
      database.run("CREATE TABLE t (id integer); INSERT INTO t VALUES (1), (1)");
      CHECK_THROWS(database.run("CREATE UNIQUE INDEX CONCURRENTLY i ON t (id)"));
      wanted.run("CREATE TABLE t (id integer); CREATE UNIQUE INDEX i ON t (id)");
      database.run("DELETE FROM t");
      const Schema to = wanted.inspect();
      const std::vector<PlannedStep> steps = plan(database.inspect(), to, online);
      REQUIRE(steps.size() == 2);
      CHECK(steps[0].step.sql == std::string(online ? "DROP INDEX CONCURRENTLY public.i" : "DROP INDEX public.i"));
      CHECK(steps[1].step.sql.find(online ? "CREATE UNIQUE INDEX CONCURRENTLY i" : "CREATE UNIQUE INDEX i") == 0);
      database.run(steps);
      CHECK(difference_text(database.inspect(), to) == "");
    }
  }

  TEST_CASE("what may be a secret of foreign data is never shown") {
    Database database;
    const char* secrets[] = {"api_key",          "aws_secret_access_key", "access_key", "dsn",      "connection",
                             "ConnectionString", "auth_header",           "passfile",   "apitoken", "pwd"};
    std::string options;
    for (const char* name : secrets) options += std::string(options.empty() ? "" : ", ") + '"' + name + "\" 'hush'";
    database.run("CREATE FOREIGN DATA WRAPPER w; CREATE SERVER secret FOREIGN DATA WRAPPER w OPTIONS (" + options +
                 "); CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'h', keep_connections 'off');"
                 "CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (\"user\" 'a', whatever 'hush');"
                 "CREATE USER MAPPING FOR pg_monitor SERVER s OPTIONS (\"user\" 'a')");
    const Schema schema = database.inspect();
    for (const Fact& fact : schema.facts()) {
      CAPTURE(words(fact.name));
      CHECK(fact.property("options").find("hush") == std::string_view::npos);
    }
    CHECK(schema.find({"server", "secret"})->unmodelled);
    CHECK_FALSE(schema.find({"server", "s"})->unmodelled);
    CHECK(schema.find({"user mapping", "PUBLIC ON s"})->unmodelled);
    CHECK_FALSE(schema.find({"user mapping", "pg_monitor ON s"})->unmodelled);
  }

  TEST_CASE("dependencies reach to columns, types and sequences") {
    Database database;
    database.run(
        "CREATE TYPE mood AS ENUM ('a'); CREATE SEQUENCE s; CREATE TABLE r (id integer PRIMARY KEY);"
        "CREATE TABLE t (id integer DEFAULT nextval('s'), m mood[], r integer REFERENCES r, CONSTRAINT c CHECK (id > "
        "0));"
        "CREATE INDEX i ON t (r)");
    const Schema schema = database.inspect();
    CHECK(depends(schema, {"default", "public.t.id"}, {"sequence", "public.s"}));
    CHECK(depends(schema, {"column", "public.t.m"}, {"enum", "public.mood"}));
    CHECK(depends(schema, {"constraint", "public.t.t_r_fkey"}, {"column", "public.r.id"}));
    CHECK(depends(schema, {"constraint", "public.t.t_r_fkey"}, {"constraint", "public.r.r_pkey"}));
    CHECK(depends(schema, {"constraint", "public.t.c"}, {"column", "public.t.id"}));
    CHECK(depends(schema, {"index", "public.i"}, {"column", "public.t.r"}));
    CHECK(depends(schema, {"table", "public.t"}, {"schema", "public"}));
  }

  TEST_CASE("it does not matter in which order things were made") {
    Database one, other;
    one.run(
        "CREATE TABLE a (id integer PRIMARY KEY, n integer); CREATE TABLE b (a integer REFERENCES a); CREATE INDEX i "
        "ON a (n); CREATE STATISTICS s ON id, n FROM a");
    other.run(
        "CREATE TABLE b (a integer); CREATE TABLE a (n integer, id integer); CREATE INDEX i ON a (n);"
        "ALTER TABLE a ADD PRIMARY KEY (id); ALTER TABLE b ADD FOREIGN KEY (a) REFERENCES a;"
        "CREATE STATISTICS s ON id, n FROM a");
    CHECK(difference_text(one.inspect(), other.inspect()) == "");
  }

  TEST_CASE("a partitioned table holds nothing that could be unlogged") {
    Database one, other;
    one.run("CREATE TABLE t (a integer) PARTITION BY LIST (a)");
    other.run("CREATE UNLOGGED TABLE t (a integer) PARTITION BY LIST (a)");
    CHECK(difference_text(one.inspect(), other.inspect()) == "");
  }

  TEST_CASE("the settings of the session do not matter") {
    Database database;
    database.run(
        "CREATE SCHEMA app; CREATE TABLE app.t (id integer, at timestamptz DEFAULT '2024-01-01 00:00+00');"
        "CREATE INDEX ON app.t (at)");
    const Schema before = database.inspect();
    database.run("ALTER DATABASE " + database.name() + " SET search_path = app; ALTER DATABASE " + database.name() +
                 " SET TimeZone = 'Asia/Tokyo'; ALTER DATABASE " + database.name() + " SET quote_all_identifiers = on");
    CHECK(difference_text(before, database.inspect()) == "");
  }
}
