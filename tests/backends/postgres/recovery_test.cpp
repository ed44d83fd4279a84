#include <algorithm>
#include <chrono>
#include <thread>

#include "cutting_proxy.hpp"
#include "fixture.hpp"

using namespace flux::testing;

namespace {

using Clock = std::chrono::steady_clock;

// A client that is connected to a fresh database through a proxy, holds the lock and is about to commit a migration.
struct AboutToCommit : Database, Client {
  CuttingProxy proxy{server().port()};

  explicit AboutToCommit(bool locked = true) {
    {
      Client first;
      first.connect(uri);
      first.initialize();
    }
    connect("postgresql://postgres@127.0.0.1:" + std::to_string(proxy.port()) + "/" + name);
    if (locked) lock(0);
    begin();
    apply("create table t (a int)", "a");
    Row row = row_of("a");
    row.run_id = "run";
    register_migration(row);
  }

  bool applied() { return run("select to_regclass('t') is not null") == "t"; }
  bool recorded() {
    const auto rows = list_history();
    return rows.size() == 1 && rows[0].run_id == "run";
  }
};

// A script after which COMMIT takes so long; "t" is there.
std::string nap(int seconds) {
  return "create function nap() returns trigger language plpgsql as $$ begin perform pg_sleep(" +
         std::to_string(seconds) +
         "); return null; end $$; create constraint trigger nap after insert on t initially deferred for each row "
         "execute function nap(); insert into t values (1)";
}

}  // namespace

TEST_SUITE("postgres recovery") {
  TEST_CASE("finds the migration whose COMMIT was done and whose answer was lost") {
    for (const bool locked : {true, false}) {
      CAPTURE(locked);
      AboutToCommit client(locked);
      client.proxy.cut_next_answer();
      CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_CONNECTION);
      client.reconnect(30000);
      CHECK(client.applied());
      CHECK(client.recorded());
      client.migrate("b", "create table u (a int)");
      if (locked) client.unlock();
    }
  }

  TEST_CASE("finds nothing of the migration whose COMMIT did not get through") {
    AboutToCommit client;
    client.proxy.cut_next_request();
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_CONNECTION);
    client.reconnect(30000);
    CHECK(!client.applied());
    CHECK(!client.recorded());
    client.migrate("a", "create table t (a int)");
  }

  TEST_CASE("gives a silent COMMIT up after half a minute, but not one that is at work") {
    AboutToCommit silent, at_work;
    at_work.apply(nap(34));
    std::thread waits([&] { at_work.commit(); });
    silent.proxy.freeze();
    const auto start = Clock::now();
    const Failure failure = failure_of([&] { silent.commit(); });
    CHECK(failure.code == FLUX_E_CONNECTION);
    CHECK(failure.message.find("COMMIT within 30 s") != std::string::npos);
    CHECK(Clock::now() - start > std::chrono::seconds(29));
    CHECK(Clock::now() - start < std::chrono::seconds(40));
    waits.join();
    CHECK(Clock::now() - start > std::chrono::seconds(33));
    CHECK(at_work.applied());
    const auto told = [](Client& client, const std::string& text) {
      const auto lines = client.log();
      return std::count_if(lines.begin(), lines.end(), [&](const LogLine& line) {
        return line.text.find("COMMIT has not been answered") == 0 && line.text.find(text) != std::string::npos;
      });
    };
    CHECK(told(silent, "") == 2);
    CHECK(told(silent, "at work") == 0);
    CHECK(told(at_work, "at work") == 3);
    CHECK(failure_of([&] { silent.reconnect(0); }).code == FLUX_E_CONNECTION);
    const auto before_unlock = Clock::now();
    CHECK(failure_of([&] { silent.unlock(); }).code == FLUX_E_CONNECTION);
    CHECK(Clock::now() - before_unlock < std::chrono::seconds(20));
  }

  TEST_CASE("waits for a COMMIT that is at work, without counting the time") {
    AboutToCommit client;
    client.apply(nap(3));
    // The server shall not notice that its client is gone.
    client.apply("set local client_connection_check_interval = 0", "a", {FLUX_SCRIPT_CONTINUES});
    std::thread cuts([&] {
      while (client.run(
                 "select count(*) from pg_stat_activity where query like '%COMMIT' and wait_event = 'PgSleep'") == "0")
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      client.proxy.cut();
    });
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_CONNECTION);
    cuts.join();
    client.reconnect(500);
    CHECK(client.applied());
    CHECK(client.recorded());
  }

  TEST_CASE("takes the lock of the run again, and works while another connection holds it") {
    AboutToCommit client;
    client.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
        "pg_backend_pid()");
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_CONNECTION);
    client.reconnect(30000);
    Client second;
    second.connect(client.uri);
    CHECK(failure_of([&] { second.lock(0); }).code == FLUX_E_LOCKED);
    client.unlock();
    second.lock(0);
  }

  TEST_CASE("says so when another run has taken the lock meanwhile") {
    AboutToCommit client;
    client.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
        "pg_backend_pid()");
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_CONNECTION);
    Client second;
    second.connect(client.uri);
    second.lock(2000);
    CHECK(failure_of([&] { client.reconnect(300); }).code == FLUX_E_LOCKED);
    CHECK(client.list_history().empty());
  }

  TEST_CASE("waits for a server that restarts") {
    PostgresServer other;
    Client client;
    client.connect(other.uri("postgres"));
    client.initialize();
    client.lock(0);
    client.begin();
    other.stop();
    CHECK(failure_of([&] { client.commit(); }).code == FLUX_E_CONNECTION);
    CHECK(failure_of([&] { client.reconnect(300); }).code == FLUX_E_CONNECTION);
    CHECK(failure_of([&] { client.list_history(); }).code == FLUX_E_STATE);
    std::thread connects([&] { client.reconnect(30000); });
    other.start();
    connects.join();
    client.migrate("a", "select 1");
  }

  TEST_CASE("ends when the user wants to stop") {
    PostgresServer other;
    Client client;
    client.connect(other.uri("postgres"));
    other.stop();
    std::thread stops([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      client.cancel();
    });
    const auto start = Clock::now();
    CHECK(failure_of([&] { client.reconnect(30000); }).code == FLUX_E_CANCELLED);
    CHECK(Clock::now() - start < std::chrono::seconds(5));
    stops.join();
  }

  TEST_CASE("needs a connection that was there") {
    Client client;
    CHECK(failure_of([&] { client.reconnect(0); }).code == FLUX_E_STATE);
  }
}
