#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>

#include "fixture.hpp"

using namespace flux::testing;

TEST_SUITE("sqlite transaction") {
  TEST_CASE("calls in a wrong state are refused") {
    TempFolder folder;
    Client client;
    CHECK(failure_of([&] { client.list_history(); }).code == FLUX_E_STATE);
    CHECK(failure_of([&] { client.describe_target(); }).code == FLUX_E_STATE);
    CHECK(failure_of([&] { client.initialize(); }).code == FLUX_E_STATE);
    CHECK(failure_of([&] { client.lock(0); }).code == FLUX_E_STATE);
    CHECK(failure_of([&] { client.begin(); }).code == FLUX_E_STATE);
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_STATE);
    CHECK(failure_of([&] { client.rollback(); }).code == FLUX_E_STATE);
    CHECK(failure_of([&] { client.apply("select 1"); }).code == FLUX_E_STATE);
    CHECK(failure_of([&] { client.register_migration({}); }).code == FLUX_E_STATE);
    CHECK(failure_of([&] { client.unregister_migration("", "1"); }).code == FLUX_E_STATE);
    client.connect((folder / "app.db").string());
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_STATE);
    CHECK_NOTHROW(client.rollback());
    client.begin();
    CHECK(failure_of([&] { client.begin(); }).code == FLUX_E_STATE);
    CHECK(failure_of([&] { client.initialize(); }).code == FLUX_E_STATE);
    client.rollback();
    CHECK_NOTHROW(client.rollback());
    client.disconnect();
    client.disconnect();
    CHECK(failure_of([&] { client.begin(); }).code == FLUX_E_STATE);
  }

  TEST_CASE("rollback takes back everything since begin, history rows included") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.migrate("1", "create table t (a); insert into t values (1)");
    const std::string before = dump(folder / "app.db");
    client.begin();
    client.apply(
        "create table u (a); alter table t add column b; insert into t values (2, 3); create index i on t (a)");
    Row row;
    row.id = "2";
    client.register_migration(row);
    client.unregister_migration("", "1");
    client.rollback();
    CHECK(dump(folder / "app.db") == before);
  }

  TEST_CASE("nothing is seen from outside before the commit, everything after it") {
    TempFolder folder;
    Client client(folder / "app.db"), second(folder / "app.db");
    client.initialize();
    client.begin();
    client.apply("create table t (a)");
    Row row;
    row.id = "1";
    client.register_migration(row);
    CHECK(second.list_history().empty());
    client.commit();
    CHECK(second.list_history().size() == 1);
    CHECK(Database(folder / "app.db").ask("select count(*) from t") == "0");
  }

  TEST_CASE("several migrations can share one transaction") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.begin();
    for (const char* id : {"1", "2", "3"}) {
      client.apply("create table t" + std::string(id) + " (a); insert into t" + id + " values (1)");
      Row row;
      row.id = id;
      client.register_migration(row);
    }
    client.commit();
    CHECK(client.list_history().size() == 3);
  }

  TEST_CASE("disconnecting rolls back, and one instance can connect again") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    for (int i = 0; i < 20; ++i) {
      client.begin();
      client.apply("create table t (a)");
      client.connect((folder / "app.db").string());
      CHECK(client.list_history().empty());
    }
    client.migrate("1", "create table t (a)");
  }

  TEST_CASE("a database that another process writes to is waited for, as long as configured") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{200}}});
    client.initialize();
    Database other(folder / "app.db");
    other.run("begin immediate");
    const auto start = std::chrono::steady_clock::now();
    const Failure failure = failure_of([&] { client.begin(); });
    const auto waited = std::chrono::steady_clock::now() - start;
    CHECK(failure.code == FLUX_E_BUSY);
    CHECK(failure.message == "database is locked");
    CHECK(failure.sqlstate == "SQLITE_BUSY");
    CHECK(failure.hint.find("busy_timeout") != std::string::npos);
    CHECK(waited >= std::chrono::milliseconds(190));
    CHECK(waited < std::chrono::seconds(2));
    other.run("rollback");
    client.migrate("1", "create table t (a)");
  }

  TEST_CASE("a commit that a reader blocks fails and has rolled back") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{50}}});
    client.initialize();
    client.migrate("1", "create table t (a); insert into t values (1)");
    Database other(folder / "app.db");
    other.run("begin; select * from t");
    client.begin();
    client.apply("insert into t values (2)");
    const Failure failure = failure_of([&] { client.commit(); });
    CHECK(failure.sqlstate == "SQLITE_BUSY");
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_STATE);
    other.run("commit");
    CHECK(other.ask("select count(*) from t") == "1");
    client.migrate("2", "insert into t values (3)");
  }

  TEST_CASE("a process killed in a migration leaves nothing of it") {
    TempFolder folder;
    Client(folder / "app.db").initialize();
    const std::string before = dump(folder / "app.db");
    for (const char* mode : {"delete", "truncate", "persist", "wal"}) {
      CAPTURE(std::string(mode));
      Process process([&] {
        Client client(folder / "app.db", {{"journal_mode", std::string(mode)}});
        client.begin();
        client.apply(
            "PRAGMA cache_size = 1; create table t (a); with recursive n (i) as (select 1 union all select i + 1 from "
            "n where i "
            "< 20000) insert into t select hex(randomblob(50)) from n");
        Process::report();
        pause();
      });
      process.await_report();
      process.kill();
      CHECK(dump(folder / "app.db") == before);
    }
  }

  TEST_CASE("a transaction that SQLite rolled back on its own cannot be committed") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.migrate("1", "create table t (a unique); insert into t values (1)");
    client.begin();
    const Failure failure =
        failure_of([&] { client.apply("insert into t values (2); insert or rollback into t values (1)"); });
    CHECK(failure.code == FLUX_E_SCRIPT);
    CHECK(failure.sqlstate == "SQLITE_CONSTRAINT_UNIQUE");
    CHECK(failure.statement_index == 1);
    CHECK(failure_of([&] { client.commit(); }).message == "SQLite has rolled the transaction back on its own");
    client.migrate("2", "insert into t values (3)");
    CHECK(Database(folder / "app.db").ask("select a from t order by 1") == "1\n3");
  }
}
