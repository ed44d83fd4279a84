#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;
using std::chrono::milliseconds, std::chrono::seconds, std::chrono::steady_clock;

namespace {

constexpr const char* endless =
    "with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n;";

// Calls `cancel` after a while, `call` being under way, and returns what `call` failed with and how long that took.
template <class Cancel, class Call>
std::pair<Failure, steady_clock::duration> cancelled(const Cancel& cancel, const Call& call) {
  steady_clock::time_point when;
  std::thread canceller([&] {
    std::this_thread::sleep_for(milliseconds(200));
    when = steady_clock::now();
    cancel();
  });
  try {
    const Failure failure = failure_of(call);
    const auto end = steady_clock::now();
    canceller.join();
    return {failure, end - when};
  } catch (...) {
    canceller.join();
    throw;
  }
}

}  // namespace

TEST_SUITE("sqlite cancel") {
  TEST_CASE("a running statement ends at once and its migration can be rolled back") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.begin();
    client.apply("create table t (a)");
    const auto [failure, time] = cancelled([&] { client.cancel(); }, [&] { client.apply(endless); });
    CHECK(failure.code == FLUX_E_CANCELLED);
    CHECK(time < seconds(2));
    client.rollback();
    client.migrate("1", "create table t (a)");
    CHECK(client.list_history().size() == 1);
  }

  TEST_CASE("an insert that is cancelled, which SQLite rolls back on its own, leaves nothing stuck") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.begin();
    client.apply("create table t (a)");
    const auto [failure, time] = cancelled(
        [&] { client.cancel(); },
        [&] {
          client.apply(
              "insert into t with recursive n (i) as (select 1 union all select i + 1 from n) select i from n;");
        });
    CHECK(failure.code == FLUX_E_CANCELLED);
    CHECK(time < seconds(2));
    client.rollback();
    client.migrate("1", "create table t (a)");
  }

  TEST_CASE("a script of many short statements ends as well") {
    Client client;
    client.connect(":memory:");
    std::string script;
    for (int i = 0; i < 300'000; ++i) script += "select 1;\n";
    client.begin();
    const auto [failure, time] = cancelled([&] { client.cancel(); },
                                           [&] {
                                             for (;;) client.apply(script);
                                           });
    CHECK(failure.code == FLUX_E_CANCELLED);
    CHECK(time < seconds(2));
    client.rollback();
  }

  TEST_CASE("waiting for another writer and waiting for the lock end as well") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{60'000}}}), holder(folder / "app.db");
    client.initialize();
    holder.lock(0);
    Database other(folder / "app.db");
    other.run("begin immediate");
    const std::function<void()> calls[] = {[&] { client.begin(); }, [&] { client.lock(60'000); }};
    for (const auto& call : calls)
      for (const bool by_host : {false, true}) {
        CAPTURE(by_host);
        const auto cancel = [&] { by_host ? client.request_cancel() : client.cancel(); };
        const auto [failure, time] = cancelled(cancel, call);
        client.request_cancel(false);
        CHECK(failure.code == FLUX_E_CANCELLED);
        CHECK(time < seconds(2));
      }
    other.run("rollback");
    holder.unlock();
    client.lock(0);
    client.migrate("1", "create table t (a)");
  }

  TEST_CASE("a script does not go on once the host is asked to stop, but a rollback does") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.begin();
    client.apply("create table t (a)");
    client.request_cancel();
    CHECK(failure_of([&] { client.apply("create table u (a)"); }).code == FLUX_E_CANCELLED);
    CHECK_NOTHROW(client.rollback());
    CHECK_NOTHROW(client.unlock());
    CHECK(client.list_history().empty());
  }

  TEST_CASE("a cancelled commit has rolled back") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.begin();
    client.apply("create table t (a)");
    client.request_cancel();
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_CANCELLED);
    client.request_cancel(false);
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_STATE);
    client.migrate("1", "create table t (a)");
  }

  TEST_CASE("a long statement ends by the host's word alone, whatever busy timeout its script has set") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.migrate("1", "create table t (a)");
    Database other(folder / "app.db");
    other.run("begin immediate");
    const std::string waiting = "pragma busy_timeout = 60000; insert into t values (1)";
    for (const std::string& script : {std::string(endless), waiting})
      for (const bool by_host : {false, true}) {
        CAPTURE(script);
        CAPTURE(by_host);
        const auto [failure, time] =
            cancelled([&] { by_host ? client.request_cancel() : client.cancel(); }, [&] { client.apply(script); });
        client.request_cancel(false);
        CHECK(failure.code == FLUX_E_CANCELLED);
        CHECK(time < seconds(1));
      }
  }

  TEST_CASE("a commit that waits for a reader ends as well and has rolled back") {
    TempFolder folder;
    Client client(folder / "app.db", {{"busy_timeout", std::int64_t{60'000}}});
    client.initialize();
    client.migrate("1", "create table t (a)");
    Database other(folder / "app.db");
    other.run("begin; select * from t");
    client.begin();
    client.apply("insert into t values (1)");
    const auto [failure, time] = cancelled([&] { client.cancel(); }, [&] { client.commit(); });
    CHECK(failure.code == FLUX_E_CANCELLED);
    CHECK(time < seconds(1));
    other.run("commit");
    CHECK(other.ask("select count(*) from t") == "0");
    client.migrate("2", "insert into t values (2)");
  }

  TEST_CASE("behind a cancelled call everything is put in order while the host still wants to stop") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    client.lock(0);
    Row row;
    row.id = "1";
    row.state = "interrupted";
    client.register_migration(row);
    client.begin();
    const auto [failure, time] = cancelled(
        [&] {
          client.request_cancel();
          client.cancel();
        },
        [&] { client.apply(endless); });
    CHECK(failure.code == FLUX_E_CANCELLED);
    CHECK_NOTHROW(client.rollback());
    row.statements_done = 1;
    CHECK_NOTHROW(client.register_migration(row));
    REQUIRE(client.list_history().size() == 1);
    CHECK(client.list_history()[0].statements_done == 1);
    CHECK_NOTHROW(client.unregister_migration("", "1"));
    CHECK_NOTHROW(client.unlock());
    client.disconnect();
    CHECK(folder.names() == std::vector<std::string>{"app.db"});
  }

  TEST_CASE("cancelling when nothing runs, or nothing is connected, does nothing") {
    TempFolder folder;
    Client client;
    client.cancel();
    client.connect((folder / "app.db").string());
    client.cancel();
    client.initialize();
    client.cancel();
    client.begin();
    client.cancel();
    client.apply("create table t (a)");
    client.cancel();
    client.commit();
    client.disconnect();
    client.cancel();
  }

  TEST_CASE("cancelling at any moment ends a call with success or as cancelled, and never sticks") {
    TempFolder folder;
    Client client(folder / "app.db");
    client.initialize();
    std::atomic<bool> done = false;
    std::thread canceller([&] {
      for (unsigned i = 0; !done; ++i) {
        std::this_thread::sleep_for(std::chrono::microseconds(i * 37 % 900));
        client.cancel();
      }
    });
    int applied = 0;
    for (int i = 0; i < 200; ++i) {
      try {
        client.migrate(std::to_string(i),
                       "create temp table x (a); create table t" + std::to_string(i) +
                           " (a); with recursive n (i) as (select 1 union all select i + 1 from n where i < "
                           "2000) insert into t" +
                           std::to_string(i) + " select i from n");
        ++applied;
      } catch (const Failure& failure) {
        CAPTURE(std::string(failure.what()));
        CHECK(failure.code == FLUX_E_CANCELLED);
      }
    }
    done = true;
    canceller.join();
    CHECK(client.list_history().size() == static_cast<std::size_t>(applied));
    CHECK(Database(folder / "app.db").ask("select count(*) from sqlite_schema where name like 't%'") ==
          std::to_string(applied));
    client.migrate("last", "create table last (a)");
  }
}
