#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

using Clock = std::chrono::steady_clock;

// Another connected instance on the database of `first`.
std::unique_ptr<Client> another(const Database& first, const Config& config = {}, const std::string& more = "") {
  auto client = std::make_unique<Client>(config);
  client->connect(first.uri + more);
  return client;
}

}  // namespace

TEST_SUITE("postgres lock") {
  TEST_CASE("keeps a second run out until it is released") {
    Connected first;
    const auto second = another(first);
    first.lock(0);
    CHECK(failure_of([&] { second->lock(0); }).code == FLUX_E_LOCKED);
    const auto start = Clock::now();
    CHECK(failure_of([&] { second->lock(300); }).code == FLUX_E_LOCKED);
    CHECK(Clock::now() - start >= std::chrono::milliseconds(300));
    CHECK(Clock::now() - start < std::chrono::milliseconds(2000));
    first.unlock();
    second->lock(0);
    CHECK(failure_of([&] { first.lock(0); }).code == FLUX_E_LOCKED);
  }

  TEST_CASE("is obtained as soon as it is free") {
    Connected first;
    const auto second = another(first);
    first.lock(0);
    std::thread releases([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      first.unlock();
    });
    second->lock(10000);
    releases.join();
    second->unlock();
  }

  TEST_CASE("names its holder") {
    const Database database;
    server().run("postgres", "drop role if exists deployer; create role deployer login");
    Client first;
    first.connect(server().uri(database.name, "deployer") + "?application_name=nightly");
    first.lock(0);
    const std::string pid = database.run(
        "select pid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where "
        "datname = current_database())");
    const auto second = another(database);
    const Failure failure = failure_of([&] { second->lock(100); });
    CAPTURE(failure.message);
    for (const char* part :
         {"within 0.1 s", "pid ", "user \"deployer\"", "application \"nightly\"", "from 127.0.0.1:", "since 20", "UTC"})
      CHECK(failure.message.find(part) != std::string::npos);
    CHECK(failure.message.find("pid " + pid + " ") != std::string::npos);
    CHECK(failure.hint.find("flux lock --release") != std::string::npos);
  }

  TEST_CASE("is described without being taken, and broken") {
    const Database database;
    server().run("postgres",
                 "drop role if exists deployer; create role deployer login; drop role if exists weak_one; "
                 "create role weak_one login");
    Client first;
    first.connect(server().uri(database.name, "deployer"));
    const auto second = another(database);
    CHECK(second->describe_lock().empty());
    second->break_lock();
    first.lock(0);
    const std::string holder = second->describe_lock();
    CAPTURE(holder);
    for (const char* part : {"pid ", "user \"deployer\"", "since 20"}) CHECK(holder.find(part) != std::string::npos);
    CHECK(first.describe_lock() == holder);

    Client weak;
    weak.connect(server().uri(database.name, "weak_one"));
    const Failure failure = failure_of([&] { weak.break_lock(); });
    CHECK(failure.code == FLUX_E_FAILED);
    CHECK(failure.message.find("may not end the session") != std::string::npos);
    CHECK(failure.hint.find("pg_signal_backend") != std::string::npos);

    second->break_lock();
    CHECK(second->describe_lock().empty());
    second->lock(0);
    CHECK(failure_of([&] { first.begin(); }).message.find("lock was lost") != std::string::npos);
  }

  TEST_CASE("is freed by disconnect, by destruction, and by the death of its process") {
    Connected first;
    const auto second = another(first);
    first.lock(0);
    first.disconnect();
    second->lock(2000);
    second->unlock();
    {
      const auto third = another(first);
      third->lock(0);
    }
    second->lock(2000);
    second->unlock();

    int pipes[2];
    REQUIRE(pipe(pipes) == 0);
    const pid_t child = fork();
    if (child == 0) {
      try {
        const auto holder = another(first);
        holder->lock(0);
        static_cast<void>(!write(pipes[1], "x", 1));
        pause();
      } catch (...) {
      }
      _exit(1);
    }
    char ready = 0;
    REQUIRE(read(pipes[0], &ready, 1) == 1);
    CHECK(failure_of([&] { second->lock(0); }).code == FLUX_E_LOCKED);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    second->lock(2000);
    close(pipes[0]);
    close(pipes[1]);
  }

  TEST_CASE("is the lock that the Python tool takes") {
    Connected first;
    const auto second = another(first);
    second->apply("select 1");
    // Its session lock, held by a plain connection: pg_advisory_lock(3589).
    Client python({{"init_sql", std::vector<std::string>{"select pg_advisory_lock(3589)"}}});
    python.connect(first.uri);
    const Failure failure = failure_of([&] { first.lock(200); });
    CHECK(failure.code == FLUX_E_LOCKED);
    CHECK(failure.message.find("user \"postgres\"") != std::string::npos);
    python.disconnect();
    first.lock(2000);
  }

  TEST_CASE("of another id, or in another database, is another lock") {
    for (const std::int64_t id : {std::int64_t{1}, std::int64_t{-1}, INT64_MIN, INT64_MAX, std::int64_t{1} << 32}) {
      CAPTURE(id);
      Connected first;
      const auto second = another(first, {{"migrations_lock_id", id}});
      const auto third = another(first, {{"migrations_lock_id", id}});
      Connected elsewhere;
      first.lock(0);
      second->lock(0);
      elsewhere.lock(0);
      const Failure failure = failure_of([&] { third->lock(0); });
      CHECK(failure.code == FLUX_E_LOCKED);
      CHECK(failure.message.find("pid ") != std::string::npos);
    }
  }

  TEST_CASE("is not held by the connection that works") {
    Initialized first;
    first.lock(0);
    for (const char* id : {"a", "b"}) first.migrate(id, "select pg_advisory_unlock_all(); discard plans");
    first.apply("discard all");
    const auto second = another(first);
    CHECK(failure_of([&] { second->lock(0); }).code == FLUX_E_LOCKED);
  }

  TEST_CASE("does not hang CREATE INDEX CONCURRENTLY, neither holding nor waiting") {
    Connected first;
    first.run("create table t (a int); alter database " + first.name +
              " set default_transaction_isolation = serializable");
    Client holder;
    holder.connect(first.uri);
    holder.lock(0);
    const auto waiter = another(first);
    std::thread waits([&] { failure_of([&] { waiter->lock(3000); }); });
    const auto start = Clock::now();
    holder.apply("create index concurrently i on t (a)");
    CHECK(Clock::now() - start < std::chrono::seconds(2));
    CHECK(first.run("select indisvalid from pg_index where indexrelid = 'i'::regclass") == "t");
    waits.join();
  }

  TEST_CASE("outlives idle timeouts") {
    Connected first;
    first.run("alter database " + first.name + " set idle_in_transaction_session_timeout = 200; alter database " +
              first.name + " set idle_session_timeout = 200");
    Client holder;
    holder.connect(first.uri);
    holder.lock(0);
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    const auto second = another(first);
    CHECK(failure_of([&] { second->lock(0); }).code == FLUX_E_LOCKED);
    holder.unlock();
  }

  TEST_CASE("that was lost stops the run before the next migration") {
    Initialized first;
    first.lock(0);
    first.run("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const Failure failure = failure_of([&] { first.begin(); });
    CHECK(failure.code == FLUX_E_CONNECTION);
    CHECK(failure.message.find("lock was lost") != std::string::npos);
    CHECK(failure_of([&] { first.unlock(); }).code == FLUX_E_CONNECTION);
    first.lock(0);
    first.begin();
    first.rollback();
  }

  TEST_CASE("that was taken away lets nothing more be committed") {
    Initialized first;
    first.lock(0);
    first.begin();
    first.apply("create table t (a int)");
    const auto second = another(first);
    second->break_lock();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    CHECK(failure_of([&] { first.commit(); }).code == FLUX_E_LOCKED);
    CHECK(first.run("select to_regclass('t') is null") == "t");
  }

  TEST_CASE("stops waiting when the user wants to stop") {
    for (const bool by_call : {false, true}) {
      CAPTURE(by_call);
      Connected first;
      first.lock(0);
      const auto second = another(first);
      std::thread stops([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        if (by_call)
          second->cancel();
        else
          second->request_cancel();
      });
      const auto start = Clock::now();
      CHECK(failure_of([&] { second->lock(30000); }).code == FLUX_E_CANCELLED);
      CHECK(Clock::now() - start < std::chrono::seconds(2));
      stops.join();
    }
  }

  TEST_CASE("lets eight through one after the other") {
    const Initialized database;
    database.run("create table counter (n int); insert into counter values (0)");
    std::vector<std::thread> threads;
    std::atomic<int> failures = 0;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        try {
          const auto client = another(database);
          client->lock(30000);
          if (client->list_history().empty()) client->migrate("once", "update counter set n = n + 1");
          client->unlock();
        } catch (const std::exception&) {
          ++failures;
        }
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(failures == 0);
    CHECK(database.run("select n from counter") == "1");
    CHECK(database.run("select count(*) from pg_locks where locktype = 'advisory'") == "0");
  }
}
