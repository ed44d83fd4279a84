// Throw-away databases: made, ended, and swept away where their maker is gone.
#include <sys/wait.h>
#include <unistd.h>

#include <flux/core/error.hpp>
#include <flux/core/script.hpp>

#include "database.hpp"
#include "pgbouncer.hpp"

using namespace flux;
using namespace flux::testing;

namespace {

int count(const std::string& pattern = "flux_shadow_%") {
  return std::stoi(server().run("postgres", "SELECT count(*) FROM pg_database WHERE datname LIKE '" + pattern + "'"));
}

void load(Backend& into, const std::string& sql) {
  const ScriptPtr file = Script::make("schema.sql", sql);
  into.load(*file, TextSpan{0, file->text().size()});
}

struct Shadow {
  Database beside;
  std::unique_ptr<Backend> maker = backend();
  Uri uri = maker->create_shadow(Uri(beside.uri()));
  std::unique_ptr<Backend> connected = backend();
  Shadow() { connected->connect(uri); }
  ~Shadow() { maker->drop_shadow(Uri(beside.uri()), uri); }
};

}  // namespace

TEST_SUITE("postgres shadow") {
  TEST_CASE("a throw-away database is empty and like the one beside it, and goes whoever is connected") {
    CHECK(count() == 0);
    {
      Shadow shadow;
      CHECK(count() == 1);
      const Schema facts = shadow.connected->inspect();
      CHECK(facts.facts().size() == Database().inspect().facts().size());
      CHECK(server().run("postgres",
                         "SELECT count(DISTINCT (encoding, datcollate, datctype)) FROM pg_database WHERE datname "
                         "LIKE 'flux_shadow_%' OR datname = '" +
                             shadow.beside.name() + "'") == "1");
    }
    CHECK(count() == 0);
  }

  TEST_CASE("one that is gone already is no error, and no other database is ever dropped") {
    Database beside;
    const auto maker = backend();
    const Uri uri = maker->create_shadow(Uri(beside.uri()));
    maker->drop_shadow(Uri(beside.uri()), uri);
    maker->drop_shadow(Uri(beside.uri()), uri);
    CHECK_THROWS_AS(maker->drop_shadow(Uri(beside.uri()), Uri(beside.uri() + "&dbname=" + beside.name())), Error);
    CHECK(count(beside.name()) == 1);
  }

  TEST_CASE("every form of the target's address leads to the throw-away database, whatever stands in it") {
    Database beside;
    const std::string folder = server().folder().string(), port = std::to_string(server().port());
    const std::string text = "host=" + folder + " port=" + port + " user=postgres dbname=" + beside.name();
    const std::string addresses[] = {
        text,
        text + " application_name=https://ci.example.org/run?dbname=app&x='y'",
        text + " password='a://b\\'c d?dbname=app'",
        beside.uri() + "&application_name=https://ci.example.org/?x",
        beside.uri() + "&password=a%3A%2F%2Fb%26dbname%3Dapp",
        "postgresql+asyncpg" + beside.uri().substr(beside.uri().find("://")),
        "dbname=" + beside.name() + " host=" + folder + " port=" + port + " user=postgres",
    };
    for (const std::string& address : addresses) {
      CAPTURE(address);
      const auto maker = backend(), inside = backend();
      const Uri uri = maker->create_shadow(Uri(address));
      inside->connect(uri);
      CHECK(inside->describe_target().find("/flux_shadow_") != std::string::npos);
      load(*inside, "CREATE TABLE only_in_the_shadow (id integer)");
      CHECK(beside.run("SELECT to_regclass('only_in_the_shadow') IS NULL") == "t");
      maker->drop_shadow(Uri(address), uri);
      CHECK(count() == 0);
    }
  }

  TEST_CASE("a throw-away database that cannot be reached behind a pooler is given up at once") {
    Database beside;
    const PgBouncer pooler(server(), {"[databases]\n* = host=127.0.0.1 port=" + std::to_string(server().port()) +
                                      " dbname=" + beside.name()});
    try {
      backend()->create_shadow(Uri(pooler.uri(beside.name())));
      FAIL("it was taken for the throw-away database");
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("is led to the database " + beside.name()) != std::string::npos);
    }
    CHECK(count() == 0);
  }

  TEST_CASE("the next maker sweeps away what a dead one has left, and nothing else") {
    Database beside;
    server().run("postgres", "CREATE DATABASE flux_shadow_elsewhere_1_2_3 TEMPLATE template0");
    Shadow living;
    CHECK(count("flux_shadow_elsewhere%") == 0);
    CHECK(count() == 1);
    {
      Shadow second;
      CHECK(count() == 2);
    }
    CHECK(count() == 1);
    const pid_t child = fork();
    if (child == 0) {
      const auto maker = backend();
      maker->create_shadow(Uri(beside.uri()));
      _exit(count() == 2 ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(status == 0);
    Shadow third;
    CHECK(count() <= 3);
  }

  TEST_CASE("definitions are loaded one by one, and nothing is left of one that fails") {
    Shadow shadow;
    load(*shadow.connected, "CREATE TABLE t (id integer PRIMARY KEY)");
    try {
      load(*shadow.connected, "CREATE TABLE u (id integer REFERENCES missing)");
      FAIL("it was loaded");
    } catch (const Error& error) {
      REQUIRE(error.failures().front().where.has_value());
      CHECK(error.failures().front().where->column == 39);
    }
    load(*shadow.connected, "-- above\nCREATE INDEX i ON t (id)");
    const Schema facts = shadow.connected->inspect();
    CHECK(facts.find({"table", "public.t"}) != nullptr);
    CHECK(facts.find({"index", "public.i"}) != nullptr);
    CHECK(facts.find({"table", "public.u"}) == nullptr);
  }

  TEST_CASE("bodies of functions are looked into when all is loaded") {
    Shadow shadow;
    load(*shadow.connected, "CREATE FUNCTION good() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM later'");
    load(*shadow.connected, "CREATE FUNCTION bad() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM never'");
    load(*shadow.connected, "CREATE TABLE later (id integer)");
    const auto problems = shadow.connected->check_loaded();
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].first == FactRef{"function", "public.bad()"});
    CHECK(problems[0].second.find("\"never\" does not exist") != std::string::npos);
  }
}
