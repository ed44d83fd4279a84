#include <chrono>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;

TEST_SUITE("postgres transaction") {
  TEST_CASE("keeps both the change and its row, or neither") {
    Initialized client;
    client.begin();
    client.apply("create table t (a int)");
    client.register_migration(row_of("a"));
    CHECK(client.run("select count(*) from _flux_migrations") == "0");
    client.rollback();
    CHECK(client.run("select to_regclass('t') is null") == "t");
    CHECK(client.list_history().empty());
    client.migrate("a", "create table t (a int)");
    CHECK(client.run("select to_regclass('t') is not null") == "t");
    client.begin();
    client.apply("drop table t");
    client.unregister_migration("", "a");
    client.commit();
    CHECK(client.list_history().empty());
  }

  TEST_CASE("leaves nothing of a script that fails") {
    Initialized client;
    CHECK(failure_of([&] { client.migrate("a", "create table t (a int); select nix"); }).code == FLUX_E_SCRIPT);
    CHECK(client.run("select to_regclass('t') is null") == "t");
    CHECK(client.list_history().empty());
    client.migrate("a", "create table t (a int)");
  }

  TEST_CASE("notices a script that ends it") {
    for (const std::string text :
         {"create table t (a int); commit", "rollback", "commit; begin", "commit and chain",
          "rollback; begin; select 1", "end; start transaction", "abort", "prepare transaction 'x'"}) {
      CAPTURE(text);
      Initialized client;
      client.begin();
      const Failure failure = failure_of([&] { client.apply(text); });
      CHECK(failure.code == FLUX_E_SCRIPT);
      if (text != "prepare transaction 'x'")
        CHECK((failure.message + failure.hint).find("ended the transaction") != std::string::npos);
      CHECK(failure.statement_index == (text.rfind("create", 0) == 0 ? 1 : 0));
      CHECK(failure.byte_offset == (text.rfind("create", 0) == 0 ? 24 : 0));
      client.rollback();
      CHECK(client.list_history().empty());
      client.migrate("b", "select 1");
    }
    Initialized client;
    client.begin();
    const Failure failure = failure_of([&] { client.apply("create table t (a int); commit; select nix"); });
    CHECK(failure.sqlstate == "42703");
    CHECK(failure.hint.find("ended the transaction") != std::string::npos);
    client.rollback();
  }

  TEST_CASE("says that a commit failed and rolled back") {
    Initialized client;
    client.run("create table p (a int primary key)");
    client.begin();
    client.apply("create table c (a int references p deferrable initially deferred); insert into c values (1)");
    client.register_migration(row_of("a"));
    const Failure failure = failure_of([&] { client.commit(); });
    CHECK(failure.code == FLUX_E_FAILED);
    CHECK(failure.sqlstate == "23503");
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_STATE);
    client.rollback();
    CHECK(client.list_history().empty());
    client.begin();
    CHECK(failure_of([&] { client.apply("select nix"); }).code == FLUX_E_SCRIPT);
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_FAILED);
    client.migrate("a", "select 1");
  }

  TEST_CASE("runs several scripts as one") {
    Initialized client;
    client.begin();
    for (const char* id : {"a", "b", "c"}) {
      client.apply(std::string("create table ") + id + " (x int)", id);
      client.register_migration(row_of(id));
    }
    CHECK(client.list_history().size() == 3);
    client.rollback();
    CHECK(client.list_history().empty());
    CHECK(client.run("select count(*) from pg_tables where schemaname = 'public'") == "1");
  }

  TEST_CASE("waits for an earlier one of the same lock, even without the run's lock") {
    Initialized first;
    Client second;
    second.connect(first.uri);
    first.begin();
    std::atomic<bool> began = false;
    std::thread waits([&] {
      second.begin();
      began = true;
      second.rollback();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    CHECK(!began);
    first.rollback();
    waits.join();
    CHECK(began);
  }

  TEST_CASE("says in one line that a server is read-only") {
    Initialized client;
    client.run("alter database " + client.name + " set default_transaction_read_only = on");
    Client other;
    other.connect(client.uri);
    CHECK(other.list_history().empty());
    other.initialize();
    const auto refused = [](const Failure& failure) {
      CHECK(failure.code == FLUX_E_FAILED);
      CHECK(failure.sqlstate == "25006");
      CHECK(failure.message == "the server is read-only: default_transaction_read_only is on");
      CHECK(failure.hint.find("primary") != std::string::npos);
    };
    refused(failure_of([&] { other.begin(); }));
    other.rollback();
    client.run("begin read write; drop table _flux_migrations; commit");
    CHECK(other.list_history().empty());
    refused(failure_of([&] { other.initialize(); }));
  }

  TEST_CASE("reads the history on a hot standby, and refuses to write there") {
    PostgresServer standby;
    const std::string uri = standby.uri("postgres");
    {
      Client client;
      client.connect(uri);
      client.initialize();
      client.migrate("a", "create table t (a int)");
    }
    standby.stop();
    write_file(standby.folder() / "data" / "standby.signal", "");
    standby.start();
    REQUIRE(standby.run("postgres", "select pg_is_in_recovery()") == "t");
    Client client;
    client.connect(uri);
    CHECK(client.list_history().size() == 1);
    client.lock(0);
    client.initialize();
    CHECK(client.describe_lock().find("pid ") == 0);
    CHECK(client.list_leftovers().empty());
    CHECK(client.read_script("", "a").empty());
    const Failure failure = failure_of([&] { client.begin(); });
    CHECK(failure.code == FLUX_E_FAILED);
    CHECK(failure.message == "the server is read-only: it is a hot standby");
    CHECK(failure.hint == "connect to the primary");
    client.rollback();
    CHECK(failure_of([&] { client.register_migration(row_of("b")); }).sqlstate == "25006");
    client.unlock();
  }
}
