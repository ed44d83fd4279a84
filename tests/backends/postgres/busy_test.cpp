#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <thread>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

using Clock = std::chrono::steady_clock;
constexpr ScriptOptions half_a_second{0, 500};

// A plain connection that keeps what it has locked until it is destroyed.
class Other {
 public:
  Other(const Database& database, const std::string& sql)
      : connection_(PQconnectdb((database.uri + "?application_name=psql").c_str()), &PQfinish) {
    run(sql);
  }
  void run(const std::string& sql) { PQclear(PQexec(connection_.get(), sql.c_str())); }
  std::string pid() const { return std::to_string(PQbackendPID(connection_.get())); }

 private:
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

}  // namespace

TEST_SUITE("postgres busy") {
  TEST_CASE("tells what can succeed later from what cannot") {
    struct Case {
      const char* sqlstate;
      flux_status code;
    };
    const Case cases[] = {{"55P03", FLUX_E_BUSY},   {"40P01", FLUX_E_BUSY},   {"40001", FLUX_E_BUSY},
                          {"40002", FLUX_E_SCRIPT}, {"57014", FLUX_E_SCRIPT}, {"55006", FLUX_E_SCRIPT},
                          {"23505", FLUX_E_SCRIPT}, {"25P02", FLUX_E_SCRIPT}};
    Initialized client;
    for (const Case& item : cases) {
      CAPTURE(item.sqlstate);
      client.begin();
      const Failure failure = failure_of([&] {
        client.apply("select 1;\ndo $$ begin raise exception 'x' using errcode = '" + std::string(item.sqlstate) +
                     "'; end $$");
      });
      CHECK(failure.code == item.code);
      CHECK(failure.sqlstate == item.sqlstate);
      CHECK(failure.statement_index == 1);
      CHECK(failure.byte_offset == 10);
      client.rollback();
    }
  }

  TEST_CASE("names who holds the lock that a statement waits for") {
    Initialized client;
    client.run("create table t (a int)");
    client.lock(0);
    for (const char* sql : {"alter table t add b int", "select 1; alter table t add b int; select 2"}) {
      CAPTURE(sql);
      Other reader(client, "begin; lock table t in access share mode; select 1 /* PASSWORD 'geheim' */");
      client.begin();
      const auto start = Clock::now();
      const Failure failure = failure_of([&] { client.apply(sql, "a", half_a_second); });
      CHECK(Clock::now() - start >= std::chrono::milliseconds(400));
      CHECK(Clock::now() - start < std::chrono::seconds(5));
      client.rollback();
      CAPTURE(failure.detail);
      CHECK(failure.code == FLUX_E_BUSY);
      CHECK(failure.sqlstate == "55P03");
      for (const std::string& part :
           {"pid " + reader.pid(), std::string("user \"postgres\""), std::string("application \"psql\""),
            std::string("idle in transaction since 20"), std::string("select 1"), std::string("PASSWORD '***'")})
        CHECK(failure.detail.find(part) != std::string::npos);
      CHECK(failure.statement_index == (std::string(sql).rfind("select", 0) == 0 ? 1 : 0));
    }
    client.begin();
    client.apply("alter table t add b int", "a", half_a_second);
    client.commit();
    client.unlock();
  }

  TEST_CASE("leaves the lock of the run untouched by looking") {
    Initialized client;
    client.run("create table t (a int)");
    client.lock(0);
    const Other reader(client, "begin; lock table t in access share mode");
    client.begin();
    failure_of([&] { client.apply("alter table t add b int", "a", half_a_second); });
    client.rollback();
    CHECK(client.run("select string_agg(distinct relation::regclass::text, ' ') from pg_locks l join pg_stat_activity "
                     "a using (pid) where application_name = 'flux' and locktype = 'relation' and a.pid <> "
                     "pg_backend_pid()") == "");
    Client second;
    second.connect(client.uri);
    CHECK(failure_of([&] { second.lock(0); }).code == FLUX_E_LOCKED);
    client.unlock();
  }

  TEST_CASE("does without the name where there is no lock to ask over") {
    Initialized client;
    client.run("create table t (a int)");
    const Other reader(client, "begin; lock table t in access share mode");
    client.begin();
    CHECK(failure_of([&] { client.apply("alter table t add b int", "a", half_a_second); }).code == FLUX_E_BUSY);
    client.rollback();
    CHECK(failure_of([&] { client.apply("alter table t add b int", "a", half_a_second); }).code == FLUX_E_BUSY);
  }

  TEST_CASE("is what a deadlock is, with the server's words about it") {
    Initialized client;
    client.run("create table t (a int); create table u (a int)");
    client.lock(0);
    client.begin();
    client.apply("lock table t");
    Other other(client, "set deadlock_timeout = '1h'; begin; lock table u");
    std::thread waits([&] { other.run("lock table t"); });
    while (client.run("select count(*) from pg_locks where not granted") == "0")
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    const Failure failure = failure_of([&] { client.apply("lock table u"); });
    CHECK(failure.code == FLUX_E_BUSY);
    CHECK(failure.sqlstate == "40P01");
    CHECK(failure.detail.find("Process " + other.pid() + " waits for") != std::string::npos);
    client.rollback();
    waits.join();
  }

  TEST_CASE("does not shift the place of an error") {
    Initialized client;
    for (const std::string text : {"selec 1", "select '\xC3\xA4', nix", "select 1; select nix"}) {
      CAPTURE(text);
      client.begin();
      const Failure plain = failure_of([&] { client.apply(text); });
      client.rollback();
      client.begin();
      const Failure limited = failure_of([&] { client.apply(text, "a", ScriptOptions{0, 2000, 3000}); });
      client.rollback();
      CHECK(limited.byte_offset == plain.byte_offset);
      CHECK(limited.statement_index == plain.statement_index);
    }
  }

  TEST_CASE("is not what a statement is that runs too long") {
    Initialized client;
    for (const bool inside : {true, false}) {
      CAPTURE(inside);
      if (inside) client.begin();
      const Failure failure = failure_of([&] {
        client.apply("select 1; select pg_sleep(30)", "a", ScriptOptions{0, -1, 200});
      });
      CHECK(failure.code == FLUX_E_SCRIPT);
      CHECK(failure.sqlstate == "57014");
      CHECK(failure.statement_index == 1);
      CHECK(failure.hint.find("-- flux: statement-timeout=") != std::string::npos);
      if (inside) client.rollback();
      client.migrate(inside ? "a" : "b", "select pg_sleep(0.3)");
    }
  }

  TEST_CASE("lets the script set its own timeout") {
    Initialized client;
    client.begin();
    client.apply(
        "set lock_timeout = '7s'; do $$ begin if current_setting('lock_timeout') <> '7s' then raise "
        "exception 'no'; end if; end $$",
        "a", half_a_second);
    client.commit();
  }
}
