#include <doctest/doctest.h>

#include <cstring>
#include <map>

#include "fixture.hpp"

using namespace flux::testing;

TEST_SUITE("sqlite config") {
  TEST_CASE("the table says what the backend is and can") {
    const flux_backend_api& api = load_table(FLUX_TEST_BACKEND_FILE);
    CHECK(std::string(api.name) == "sqlite");
    CHECK(std::string(api.uri_schemes) == "sqlite");
    CHECK(std::string(api.uri_example) == "sqlite:app.db");
    CHECK(std::string(api.script_extension) == "sql");
    CHECK(api.capabilities ==
          (FLUX_CAP_TRANSACTIONAL_DDL | FLUX_CAP_LOCK | FLUX_CAP_CANCEL | FLUX_CAP_STATEMENT_OFFSETS));
  }

  TEST_CASE("every key has a default and a description") {
    const flux_backend_api& api = load_table(FLUX_TEST_BACKEND_FILE);
    std::map<std::string, std::string> defaults;
    for (std::size_t i = 0; i < api.key_count; ++i) {
      defaults[api.keys[i].name] = api.keys[i].default_value;
      CHECK(std::strlen(api.keys[i].description) > 10);
      CHECK(api.keys[i].required == 0);
    }
    CHECK(defaults == std::map<std::string, std::string>{{"migrations_table", "\"_flux_migrations\""},
                                                         {"journal_mode", "\"\""},
                                                         {"busy_timeout", "5000"},
                                                         {"foreign_keys", "true"},
                                                         {"init_sql", "[]"}});
  }

  TEST_CASE("a value that is not possible is refused with its key") {
    using List = std::vector<std::string>;
    const std::vector<std::pair<std::string, Value>> wrong = {
        {"migrations_table", std::string()},
        {"migrations_table", std::string("sqlite_flux")},
        {"migrations_table", std::string("SQLITE_FLUX")},
        {"migrations_table", std::string("a\0b", 3)},
        {"migrations_table", std::int64_t{1}},
        {"journal_mode", std::string("off")},
        {"journal_mode", std::string("MEMORY")},
        {"journal_mode", std::string("wall")},
        {"journal_mode", true},
        {"busy_timeout", std::int64_t{-1}},
        {"busy_timeout", std::int64_t{1} << 40},
        {"busy_timeout", std::string("5s")},
        {"busy_timeout", 1.5},
        {"foreign_keys", std::string("on")},
        {"foreign_keys", List{"true"}},
        {"init_sql", std::int64_t{1}},
        {"migration_table", std::string("x")},
    };
    for (const auto& [key, value] : wrong) {
      CAPTURE(key);
      CAPTURE(value.index());
      const Failure failure = failure_of([&, k = key, v = value] { Client client(Config{{k, v}}); });
      CHECK(failure.code == FLUX_E_CONFIG);
      CHECK(failure.key == key);
      CHECK(failure.reports == 1);
    }
  }

  TEST_CASE("every possible value is taken") {
    for (const char* mode : {"", "delete", "TRUNCATE", "persist", "wal", "WAL"}) {
      CAPTURE(std::string(mode));
      CHECK_NOTHROW(Client(Config{{"journal_mode", std::string(mode)}}));
    }
    CHECK_NOTHROW(Client(Config{{"busy_timeout", std::int64_t{0}}, {"foreign_keys", false}}));
    CHECK_NOTHROW(Client(Config{{"init_sql", std::string("PRAGMA cache_size = 100")}}));
  }

  TEST_CASE("instances are made and ended without being connected, a hundred times") {
    for (int i = 0; i < 100; ++i) Client client;
  }

  TEST_CASE("an error without a place to report it does no harm") {
    Client client;
    CHECK(client.api().begin(client.self(), nullptr) == FLUX_E_STATE);
    CHECK(client.api().connect(client.self(), {"mysql://x", 9}, nullptr) == FLUX_E_CONNECTION);
  }

  TEST_CASE("the history lies in the table that is configured, whatever its name") {
    for (const char* name : {"history", "we\"ird; drop table t", "it's", "größe 'x' [y]", "select"}) {
      CAPTURE(std::string(name));
      TempFolder folder;
      Client client(folder / "app.db", {{"migrations_table", std::string(name)}});
      client.initialize();
      client.initialize();
      client.migrate("1", "create table t (a)");
      REQUIRE(client.list_history().size() == 1);
      client.begin();
      client.unregister_migration("", "1");
      client.commit();
      CHECK(client.list_history().empty());
      CHECK(Database(folder / "app.db").ask("select name from sqlite_schema where type = 'table' and name <> 't'") ==
            name);
    }
  }

  TEST_CASE("the journal mode is set by the first write, not by reading") {
    TempFolder folder;
    Database(folder / "app.db").run("create table t (a)");
    Client client(folder / "app.db", {{"journal_mode", std::string("wal")}});
    client.list_history();
    CHECK(Database(folder / "app.db").ask("pragma journal_mode") == "delete");
    client.initialize();
    CHECK(Database(folder / "app.db").ask("pragma journal_mode") == "wal");
    client.migrate("1", "create table u (a)");
    CHECK(client.list_history().size() == 1);
  }

  TEST_CASE("a rollback journal is kept from transaction to transaction, and is gone with the connection") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.migrate("1", "create table t (a)");
    CHECK(folder.names() == std::vector<std::string>{"app.db", "app.db-journal"});
    client.disconnect();
    CHECK(folder.names() == std::vector<std::string>{"app.db"});
    CHECK(Database(folder / "app.db").ask("pragma journal_mode") == "delete");
  }

  TEST_CASE("without a journal mode the database keeps the one it has") {
    TempFolder folder;
    Database(folder / "app.db").run("pragma journal_mode = wal; create table t (a)");
    Client client(folder / "app.db");
    client.initialize();
    client.migrate("1", "create table u (a)");
    CHECK(Database(folder / "app.db").ask("pragma journal_mode") == "wal");
  }

  TEST_CASE("init_sql runs on a new session and again on one that was reset") {
    TempFolder folder;
    const std::vector<std::string> init = {"PRAGMA recursive_triggers = 0", "CREATE TEMP TABLE started (a)",
                                           "INSERT INTO started VALUES (1)"};
    Client client(folder / "app.db", {{"init_sql", init}});
    client.initialize();
    client.migrate("1", "create table seen as select count(*) as n from started; create temp table other (a)");
    client.migrate("2", "insert into seen select count(*) from started");
    CHECK(Database(folder / "app.db").ask("select n from seen") == "1\n1");
  }

  TEST_CASE("an error in init_sql names the key and the statement") {
    TempFolder folder;
    Database(folder / "app.db").run("create table t (a)");
    Client client(Config{{"init_sql", std::vector<std::string>{"select 1", "selec 2"}}});
    const Failure failure = failure_of([&] { client.connect("sqlite:" + (folder / "app.db").string()); });
    CHECK(failure.code == FLUX_E_CONFIG);
    CHECK(failure.key == "init_sql");
    CHECK(failure.message == "statement 2 of init_sql failed: near \"selec\": syntax error");
  }

  TEST_CASE("init_sql must not leave a transaction open") {
    Client client(Config{{"init_sql", std::vector<std::string>{"begin"}}});
    CHECK(failure_of([&] { client.connect(":memory:"); }).key == "init_sql");
  }
}
