#include <signal.h>

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "project.hpp"

TEST_SUITE_BEGIN("signals");

using namespace flux::testing;

namespace {

using Clock = std::chrono::steady_clock;

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A statement that takes minutes.
std::string slow(const Database& database) {
  if (database.backend() == "postgres") return "select pg_sleep(100);";
  return "create table n as with recursive c(x) as (select 1 union all select x + 1 from c) select max(x) m from c;";
}

// Waits until flux is at the slow statement.
void wait_for_slow(const Database& database) {
  if (database.backend() == "postgres") {
    for (int i = 0; i < 400; ++i) {
      if (database.run("select count(*) from pg_stat_activity where query like '%pg_sleep(100)%' and state = 'active' and pid <> pg_backend_pid()") == "1") return;
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
}

}  // namespace

TEST_CASE("SIGINT and SIGTERM cancel the running statement, roll it back and end with 130 and 143") {
  struct Row {
    int signal, exit_code;
  };
  for (const Row row : {Row{SIGINT, 130}, Row{SIGTERM, 143}}) {
    for (const auto& database : one_of_each()) {
      CAPTURE(row.signal);
      CAPTURE(database->backend());
      const Project project(*database);
      project.write("01.sql", "create table t (a int);\n");
      project.write("02.sql", "create table u (a int);\n" + slow(*database));
      project.write("03.sql", "create table v (a int);\n");
      project.write("post-apply/back.sql", "create table if not exists back (a int);\n");
      Clock::time_point sent;
      const ProcessResult result = project.flux({"apply", "--yes"}, [&](pid_t pid) {
        wait_for_slow(*database);
        sent = Clock::now();
        ::kill(pid, row.signal);
      });
      const auto took = Clock::now() - sent;
      CAPTURE(result.err);
      CHECK(result.exit_code == row.exit_code);
      CHECK(took < std::chrono::seconds(5));
      CHECK(contains(result.err, "02 was cancelled and rolled back"));
      CHECK(contains(result.err, "applied before it: 1 · not run: 1"));
      CHECK(database->run("select count(*) from _flux_migrations") == "1");
      CHECK(database->run("select count(*) from back") == "0");  // post-apply has run all the same
      if (database->backend() == "postgres")
        CHECK(database->run("select count(*) from pg_stat_activity where query like '%pg_sleep(100)%' and state = 'active' and pid <> pg_backend_pid()") == "0");
      project.write("02.sql", "select 1;\n");
      project.must({"apply", "--yes"});
    }
  }
}

TEST_CASE("a signal while the lock is waited for ends with 130 and nothing done") {
  const auto database = new_postgres();
  const Project project(*database);
  project.write("01.sql", "create table t (a int);\n");
  project.must({"apply", "--yes"});
  project.write("02.sql", slow(*database));
  const Project waiting(*database);
  waiting.write("01.sql", "create table t (a int);\n");
  waiting.write("02.sql", slow(*database));
  const ProcessResult holder = project.flux({"apply", "--yes"}, [&](pid_t first) {
    wait_for_slow(*database);
    const ProcessResult result = waiting.flux({"apply", "--yes"}, [](pid_t pid) {
      std::this_thread::sleep_for(std::chrono::seconds(1));
      ::kill(pid, SIGINT);
    });
    CAPTURE(result.err);
    CHECK(result.exit_code == 130);
    ::kill(first, SIGTERM);
  });
  CHECK(holder.exit_code == 143);
}

TEST_CASE("a statement outside a transaction that is cancelled leaves its script interrupted") {
  const auto database = new_postgres();
  const Project project(*database);
  project.write("01.sql", "-- flux: no-transaction\ncreate table t (a int);\ndo $$ begin perform pg_sleep(100); end $$;\n");
  const ProcessResult result = project.flux({"apply", "--yes"}, [&](pid_t pid) {
    wait_for_slow(*database);
    ::kill(pid, SIGINT);
  });
  CAPTURE(result.err);
  CHECK(result.exit_code == 130);
  CHECK(contains(result.err, "01 was interrupted"));
  CHECK(database->run("select state || ' ' || statements_started || ' ' || statements_done from _flux_migrations") == "interrupted 2 1");
  // A DO block may have committed a part of its work: what is to become of it, the user has to say.
  CHECK(contains(project.must({"resolve", "01", "--resume", "--yes"}, 7), "statement 2 of 2 of 01 was started and may be done"));
}

TEST_SUITE_END();
