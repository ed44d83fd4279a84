#include <chrono>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;

namespace {
using Clock = std::chrono::steady_clock;

// Runs `action` after a while, on another thread.
template <class Action>
std::thread soon(Action action) {
  return std::thread([action] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    action();
  });
}
}  // namespace

TEST_SUITE("postgres cancel") {
  TEST_CASE("ends a running statement within two seconds, and the connection stays of use") {
    Initialized client;
    for (const std::string text :
         {"select pg_sleep(30)", "select 1; select pg_sleep(30); select 2", "do $$ begin perform pg_sleep(30); end $$",
          "create table s as select 1 from pg_sleep(30)", "select count(*) from generate_series(1, 100000000000)",
          "copy (select pg_sleep(0.01) from generate_series(1, 3000)) to stdout"}) {
      CAPTURE(text);
      client.begin();
      std::thread stops = soon([&] { client.cancel(); });
      const auto start = Clock::now();
      const Failure failure = failure_of([&] { client.apply(text); });
      CHECK(Clock::now() - start < std::chrono::seconds(2));
      stops.join();
      CAPTURE(failure.message);
      CHECK(failure.code == FLUX_E_CANCELLED);
      client.rollback();
      client.migrate("a", "select 1");
    }
  }

  TEST_CASE("follows the host's wish without being called") {
    Initialized client;
    client.begin();
    std::thread stops = soon([&] { client.request_cancel(); });
    const auto start = Clock::now();
    CHECK(failure_of([&] { client.apply("select pg_sleep(30)"); }).code == FLUX_E_CANCELLED);
    CHECK(Clock::now() - start < std::chrono::seconds(3));
    stops.join();
    client.rollback();
    // What the host runs after that is cleaning up, and is not stopped.
    client.migrate("cleanup", "select pg_sleep(0.7)");
    CHECK(client.list_history().size() == 1);
  }

  TEST_CASE("does nothing when nothing runs") {
    Initialized client;
    client.cancel();
    client.migrate("a", "select 1");
    client.begin();
    client.cancel();
    client.apply("select 1");
    client.rollback();
    CHECK(client.list_history().size() == 1);
  }

  TEST_CASE("is told from a timeout of the server") {
    Connected client;
    client.begin();
    const Failure failure = failure_of([&] { client.apply("set local statement_timeout = 100; select pg_sleep(30)"); });
    CHECK(failure.code == FLUX_E_SCRIPT);
    CHECK(failure.sqlstate == "57014");
    CHECK(failure.statement_index == 1);
  }

  TEST_CASE("may come at any moment") {
    Initialized client;
    int cancelled = 0;
    for (int i = 0; i < 200; ++i) {
      std::thread stops([&] {
        std::this_thread::sleep_for(std::chrono::microseconds(i * 37));
        client.cancel();
      });
      try {
        client.migrate("m" + std::to_string(i),
                       "create table t" + std::to_string(i) + " (a int); select pg_sleep(0.002)");
      } catch (const Failure& failure) {
        CHECK(failure.code == FLUX_E_CANCELLED);
        ++cancelled;
      }
      stops.join();
    }
    MESSAGE(cancelled << " of 200 were cancelled");
    CHECK(client.run("select count(*) from pg_tables where tablename ~ '^t[0-9]+$'") ==
          std::to_string(200 - cancelled));
    CHECK(client.list_history().size() == static_cast<std::size_t>(200 - cancelled));
  }
}
