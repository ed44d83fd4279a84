#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>

#include "fixture.hpp"

using namespace flux::testing;
using std::chrono::milliseconds, std::chrono::seconds, std::chrono::steady_clock;

namespace {

constexpr const char* endless =
    "with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n;";

// A program that keeps a lock which `sql` has taken.
std::unique_ptr<Process> holding(const std::filesystem::path& file, const std::string& sql) {
  auto process = std::make_unique<Process>([=] {
    Database database(file);
    database.run(sql);
    Process::report();
    pause();
  });
  process->await_report();
  return process;
}

Row row(const std::string& id) {
  Row out;
  out.id = id;
  return out;
}

ScriptOptions limits(std::int64_t lock_timeout_ms, std::int64_t statement_timeout_ms) {
  return {0, lock_timeout_ms, statement_timeout_ms};
}

}  // namespace

TEST_SUITE("sqlite busy") {
  TEST_CASE("every call that another writer blocks says so, names it, and succeeds later") {
    struct Call {
      const char* name;
      std::function<void(Client&)> run;
    };
    const Call calls[] = {
        {"begin", [](Client& c) { c.begin(); }},
        {"apply", [](Client& c) { c.apply("insert into t values (1)"); }},
        {"register_migration", [](Client& c) { c.register_migration(row("2")); }},
        {"unregister_migration", [](Client& c) { c.unregister_migration("", "0"); }},
    };
    for (const char* mode : {"delete", "wal"})
      for (const Call& call : calls) {
        CAPTURE(std::string(mode));
        CAPTURE(std::string(call.name));
        TempFolder folder;
        Client client(folder / "app.db", {{"busy_timeout", std::int64_t{50}}, {"journal_mode", std::string(mode)}});
        client.initialize();
        client.migrate("0", "create table t (a)");
        const auto writer = holding(folder / "app.db", "begin immediate");
        const Failure failure = failure_of([&] { call.run(client); });
        CHECK(failure.code == FLUX_E_BUSY);
        CHECK(failure.sqlstate == "SQLITE_BUSY");
        CHECK(failure.message == "database is locked");
        const std::string holder = (folder / "app.db").string() + " is locked by pid " + std::to_string(writer->pid());
        CHECK(failure.detail.substr(0, holder.size()) == holder);
        CHECK(failure.detail.find(" (flux_sqlite_bac") != std::string::npos);
        writer->kill();
        CHECK_NOTHROW(call.run(client));
      }
  }

  TEST_CASE("making the history waits and says so as well") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{50}}});
    const auto writer = holding(folder / "app.db", "create table t (a); begin exclusive");
    CHECK(failure_of([&] { client.initialize(); }).code == FLUX_E_BUSY);
    CHECK(failure_of([&] { client.begin(); }).code == FLUX_E_BUSY);
    CHECK(failure_of([&] { client.list_history(); }).code == FLUX_E_BUSY);
    Client late(Config{{"busy_timeout", std::int64_t{50}}});
    const Failure failure = failure_of([&] { late.connect((folder / "app.db").string()); });
    CHECK(failure.code == FLUX_E_CONNECTION);
    CHECK(failure.detail.find("pid " + std::to_string(writer->pid())) != std::string::npos);
    writer->kill();
    client.initialize();
  }

  TEST_CASE("a commit that a reader blocks says so, has rolled back, and can be repeated as a whole") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{300}}});
    client.initialize();
    client.migrate("0", "create table t (a); insert into t values (1)");
    const std::string before = dump(folder / "app.db");
    const auto reader = holding(folder / "app.db", "begin; select * from t");
    client.begin();
    client.apply("insert into t values (2)");
    client.register_migration(row("1"));
    const auto start = steady_clock::now();
    const Failure failure = failure_of([&] { client.commit(); });
    CHECK(steady_clock::now() - start >= milliseconds(290));
    CHECK(failure.code == FLUX_E_BUSY);
    CHECK(failure.detail.find("locked by pid " + std::to_string(reader->pid())) != std::string::npos);
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_STATE);
    CHECK(dump(folder / "app.db") == before);
    reader->kill();
    client.migrate("1", "insert into t values (2)");
    CHECK(Database(folder / "app.db").ask("select a from t") == "1\n2");
  }

  TEST_CASE("a commit waits for a reader that ends in time") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{30'000}}});
    client.initialize();
    client.migrate("0", "create table t (a)");
    Process reader([&] {
      Database database(folder / "app.db");
      database.run("begin; select * from t");
      Process::report();
      usleep(500'000);
    });
    reader.await_report();
    CHECK_NOTHROW(client.migrate("1", "insert into t values (2)"));
    CHECK(reader.result() == "");
  }

  TEST_CASE("the files that are attached are named where one of them is in the way") {
    TempFolder folder;
    Database(folder / "other.db").run("create table u (a)");
    const auto writer = holding(folder / "other.db", "begin immediate");
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{50}}});
    client.initialize();
    const Failure failure = failure_of([&] {
      client.apply("attach '" + (folder / "other.db").string() + "' as other;\ninsert into other.u values (1)");
    });
    CHECK(failure.code == FLUX_E_BUSY);
    CHECK(failure.statement_index == 1);
    CHECK(failure.byte_offset ==
          static_cast<std::int64_t>(("attach '" + (folder / "other.db").string() + "' as other;\n").size()));
    CHECK(failure.detail.find((folder / "other.db").string() + " is locked by pid ") == 0);
    CHECK(failure.detail.find('\n') == std::string::npos);
  }

  TEST_CASE("a script waits as long as its lock timeout says") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{600}}});
    client.initialize();
    client.migrate("0", "create table t (a)");
    const auto writer = holding(folder / "app.db", "begin immediate");
    struct Case {
      std::int64_t limit, least, most;
    };
    for (const Case& c : {Case{100, 90, 550}, Case{-1, 590, 10'000}, Case{1200, 1190, 10'000}}) {
      CAPTURE(c.limit);
      const auto start = steady_clock::now();
      CHECK(failure_of([&] { client.apply("insert into t values (1)", "1", limits(c.limit, -1)); }).code ==
            FLUX_E_BUSY);
      CHECK(steady_clock::now() - start >= milliseconds(c.least));
      CHECK(steady_clock::now() - start < milliseconds(c.most));
    }
    // The script's own word counts more.
    const auto start = steady_clock::now();
    CHECK(failure_of([&] {
            client.apply("pragma busy_timeout = 50; insert into t values (1)", "1", limits(60'000, -1));
          }).code == FLUX_E_BUSY);
    CHECK(steady_clock::now() - start < seconds(10));
  }

  TEST_CASE("a lock timeout of zero waits without end") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{10}}});
    client.initialize();
    client.migrate("0", "create table t (a)");
    Process writer([&] {
      Database database(folder / "app.db");
      database.run("begin immediate");
      Process::report();
      usleep(700'000);
    });
    writer.await_report();
    CHECK_NOTHROW(client.apply("insert into t values (1)", "1", limits(0, 0)));
  }

  TEST_CASE("a statement that runs longer than its timeout is ended, and its migration with it") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    const std::pair<std::int64_t, const char*> cases[] = {{300, "300 ms"}, {1000, "1 s"}};
    for (const auto& [limit, words] : cases) {
      CAPTURE(limit);
      client.begin();
      client.apply("create table t (a)");
      const auto start = steady_clock::now();
      const Failure failure =
          failure_of([&, most = limit] { client.apply(std::string("select 1;\n") + endless, "1", limits(-1, most)); });
      CHECK(steady_clock::now() - start < milliseconds(limit + 2000));
      CHECK(failure.code == FLUX_E_SCRIPT);
      CHECK(failure.message == "the statement ran longer than its statement timeout of " + std::string(words));
      CHECK(failure.statement_index == 1);
      CHECK(failure.byte_offset == 10);
      client.rollback();
    }
    CHECK(Database(folder / "app.db").ask("select count(*) from sqlite_schema where name = 't'") == "0");
    client.migrate("1", "create table t (a)");
  }

  TEST_CASE("the timeout is of one statement, not of the script, and counts waiting") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.migrate("0", "create table t (a)");
    std::string script;
    for (int i = 0; i < 20; ++i)
      script += "with recursive n (i) as (select 1 union all select i + 1 from n limit 100000) select count(*) from n;";
    CHECK_NOTHROW(client.apply(script, "1", limits(-1, 1000)));
    const auto writer = holding(folder / "app.db", "begin immediate");
    const Failure failure = failure_of([&] { client.apply("insert into t values (1)", "1", limits(0, 200)); });
    CHECK(failure.code == FLUX_E_SCRIPT);
    CHECK(failure.message.find("statement timeout of 200 ms") != std::string::npos);
  }

  TEST_CASE("eight starters that work next to another program each succeed in the end") {
    TempFolder folder;
    Client(folder / "app.db").initialize();
    Database(folder / "app.db").run("create table t (a); create table noise (a)");
    Process noise([&] {
      Database database(folder / "app.db");
      for (;;) {
        sqlite3_sleep(3);
        try {
          database.run("begin immediate; insert into noise values (1); commit");
        } catch (const std::exception&) {
          if (sqlite3_get_autocommit(database.handle()) == 0) database.run("rollback");
        }
      }
    });
    std::vector<std::unique_ptr<Process>> starters;
    for (int i = 0; i < 8; ++i)
      starters.push_back(std::make_unique<Process>([&, i] {
        const auto end = steady_clock::now() + seconds(60);
        for (;;) try {
            Client client(folder / "app.db", {{"busy_timeout", std::int64_t{20}}});
            client.migrate(std::to_string(i), "insert into t values (" + std::to_string(i) + ")");
            return;
          } catch (const Failure& failure) {
            require(failure.sqlstate == "SQLITE_BUSY", failure.what());
            require(steady_clock::now() < end, "done within a minute");
          }
      }));
    for (const auto& starter : starters) CHECK(starter->result() == "");
    noise.kill();
    CHECK(Database(folder / "app.db").ask("select count(*), count(distinct a) from t") == "8|8");
    CHECK(Client(folder / "app.db").list_history().size() == 8);
  }
}
