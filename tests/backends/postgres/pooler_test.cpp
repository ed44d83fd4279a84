#include <libpq-fe.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "fixture.hpp"
#include "pgbouncer.hpp"

using namespace flux::testing;

namespace {

using Clock = std::chrono::steady_clock;

// What is different on a server connection of the pool after scripts have run on it: "" if nothing is.
constexpr const char* left_sql = R"(
select concat_ws('; ', (select string_agg(name || '=' || setting, ', ') from pg_settings
                         where source = 'session' and name not in ('client_encoding', 'application_name', 'DateStyle',
                           'TimeZone', 'standard_conforming_strings', 'is_superuser', 'transaction_isolation',
                           'transaction_read_only', 'transaction_deferrable')),
  (select 'role ' || current_user where current_user <> 'postgres'),
  (select 'user ' || session_user where session_user <> 'postgres'),
  (select 'prepared ' || string_agg(name, ',') from pg_prepared_statements having count(*) > 0),
  (select 'cursors ' || string_agg(name, ',') from pg_cursors where is_holdable having count(*) > 0),
  (select 'channels ' || count(*) from pg_listening_channels() having count(*) > 0),
  (select 'temporary ' || string_agg(relname, ',') from pg_class where relpersistence = 't' having count(*) > 0),
  (select 'locks ' || count(*) from pg_locks where locktype = 'advisory' having count(*) > 0)))";

// A fresh database behind a pooler.
struct Pooled : Database {
  PgBouncer pooler;
  explicit Pooled(const std::vector<std::string>& settings = {}) : pooler(server(), settings) {}

  std::unique_ptr<Client> client(const Config& config = {}) const {
    auto out = std::make_unique<Client>(config);
    out->connect(pooler.uri(name));
    return out;
  }
  // What is left on a server connection of the pool.
  std::string look() const {
    const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(pooler.uri(name).c_str()), &PQfinish);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), left_sql), &PQclear);
    if (PQntuples(result.get()) != 1) throw std::runtime_error(PQerrorMessage(connection.get()));
    return PQgetvalue(result.get(), 0, 0);
  }
};

}  // namespace

TEST_SUITE("postgres pooler") {
  TEST_CASE("is noticed") {
    const Pooled database;
    const auto client = database.client();
    bool told = false;
    for (const LogLine& line : client->log()) told = told || line.text.find("pooler") != std::string::npos;
    CHECK(told);
  }

  TEST_CASE("lets migrations run, and says what it does not") {
    const Pooled database;
    const auto client = database.client();
    CHECK(client->list_history().empty());
    client->initialize();
    client->lock(1000);
    for (const char* id : {"a", "b"}) client->migrate(id, std::string("create table ") + id + " (x int)");
    client->begin();
    client->apply("set search_path = pg_catalog; create temp table mine (a int)");
    client->apply(
        "create table public.c (x int); do $$ begin if to_regclass('mine') is not null then raise exception "
        "'leaked'; end if; end $$");
    client->register_migration(row_of("c"));
    client->commit();
    client->register_migration(row_of("d"));
    client->unregister_migration("", "d");
    CHECK(client->list_history().size() == 3);
    CHECK(client->list_leftovers().empty());
    CHECK(client->describe_lock().find("pid ") == 0);
    const Failure failure = failure_of([&] { client->apply("vacuum"); });
    CHECK(failure.code == FLUX_E_FAILED);
    CHECK(failure.hint.find("direct URI") != std::string::npos);
    client->unlock();
    CHECK(client->describe_lock().empty());
  }

  TEST_CASE("keeps nothing of what scripts do, whether they succeed or fail") {
    // One server connection for all who work: what was left there would be seen.
    const char* const changes[] = {"set search_path = pg_catalog",
                                   "set role weak",
                                   "set session authorization weak",
                                   "set statement_timeout = '1h'",
                                   "set client_encoding = latin1",
                                   "set session_replication_role = replica",
                                   "set custom.value = 'x'",
                                   "create temp table mine (a int)",
                                   "prepare mine as select 1",
                                   "declare mine cursor with hold for select 1",
                                   "listen mine",
                                   "select pg_advisory_lock(1)"};
    const Pooled database({"default_pool_size = 1"});
    database.run(
        "do $$ begin if not exists (select from pg_roles where rolname = 'weak') then create role weak; end if; end "
        "$$");
    const auto client = database.client();
    client->initialize();
    CHECK(database.look() == "");
    for (const std::string change : changes) {
      CAPTURE(change);
      client->migrate("a", change);
      CHECK(database.look() == "");
      for (const std::string then : {"; select nix", "; select 1"}) {
        client->begin();
        try {
          client->apply(change + then, "a", ScriptOptions{0, 2000, 60000});
        } catch (const Failure& failure) {
          CHECK(failure.sqlstate == "42703");
        }
        client->rollback();
        CHECK(database.look() == "");
      }
    }
    CHECK(client->list_history().size() == 1);
  }

  TEST_CASE("gives every transaction the settings of init_sql, and keeps none of them") {
    const Pooled database({"default_pool_size = 1"});
    database.run("create schema app");
    const auto client =
        database.client({{"init_sql", std::vector<std::string>{"set search_path = app", "set time zone 'Asia/Tokyo'"}},
                         {"migrations_schema", std::string("app")}});
    client->initialize();
    client->migrate("a", "create table t (a int); set search_path = public");
    client->begin();
    client->apply("set search_path = public");
    client->apply("create table u (a int)");
    client->commit();
    CHECK(client->list_history().size() == 1);
    CHECK(database.run("select count(*) from pg_tables where schemaname = 'app'") == "3");
    CHECK(database.look() == "");
  }

  TEST_CASE("that has one connection only is named as the reason") {
    const Pooled database({"default_pool_size = 1"});
    const auto client = database.client();
    const auto start = Clock::now();
    const Failure failure = failure_of([&] { client->lock(1000); });
    CHECK(failure.code == FLUX_E_CONNECTION);
    CHECK(failure.message.find("pool") != std::string::npos);
    CHECK(failure.hint.find("two server connections") != std::string::npos);
    CHECK(Clock::now() - start < std::chrono::seconds(20));
  }

  TEST_CASE("lets eight apply each migration once, and keeps none of their locks") {
    const Pooled database;
    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        try {
          const auto client = database.client();
          client->lock(60000);
          client->initialize();
          for (const std::string id : {"a", "b", "c"}) {
            const auto rows = client->list_history();
            const bool done = std::any_of(rows.begin(), rows.end(), [&](const Row& row) { return row.id == id; });
            if (!done) client->migrate(id, "set search_path = pg_catalog; create table public." + id + " (x int)");
          }
          client->unlock();
        } catch (const std::exception& e) {
          MESSAGE(e.what());
          ++failures;
        }
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(failures == 0);
    CHECK(database.run("select count(*) from _flux_migrations") == "3");
    CHECK(database.run("select count(*) from pg_locks where locktype = 'advisory'") == "0");
    for (int i = 0; i < 10; ++i) CHECK(database.look() == "");
  }

  TEST_CASE("passes on the wish to stop") {
    const Pooled database;
    const auto client = database.client();
    client->begin();
    std::thread stops([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      client->cancel();
    });
    const auto start = Clock::now();
    CHECK(failure_of([&] { client->apply("select pg_sleep(30)"); }).code == FLUX_E_CANCELLED);
    CHECK(Clock::now() - start < std::chrono::seconds(3));
    stops.join();
    client->rollback();
    client->begin();
    client->rollback();
  }

  TEST_CASE("does not hide who is in the way") {
    const Pooled database;
    database.run("create table t (a int)");
    const auto client = database.client(), other = database.client({{"migrations_lock_id", std::int64_t{1}}});
    client->lock(1000);
    other->begin();
    other->apply("lock table t in access share mode");
    client->begin();
    const Failure failure = failure_of([&] { client->apply("drop table t", "a", ScriptOptions{0, 500}); });
    CHECK(failure.code == FLUX_E_BUSY);
    CHECK(failure.detail.find("in the way: pid ") != std::string::npos);
    client->rollback();
    other->rollback();
    client->unlock();
  }

  TEST_CASE("does not hide what became of a COMMIT") {
    const Pooled database;
    const auto client = database.client();
    client->initialize();
    client->lock(1000);
    client->begin();
    client->apply("create table t (a int)");
    client->register_migration(row_of("a"));
    database.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "
        "pg_backend_pid()");
    CHECK(failure_of([&] { client->commit(); }).code == FLUX_E_CONNECTION);
    client->reconnect(30000);
    CHECK(client->list_history().empty());
    client->migrate("a", "create table t (a int)");
    client->unlock();
  }
}
