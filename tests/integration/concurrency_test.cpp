#include <doctest/doctest.h>

#include <future>
#include <thread>

#include "project.hpp"

TEST_SUITE_BEGIN("several at once");

using namespace flux::testing;

TEST_CASE("two to eight started together apply each migration once and all end well") {
  for (const unsigned starters : {2U, 4U, 8U}) {
    for (const auto& database : one_of_every_kind()) {
      CAPTURE(starters);
      CAPTURE(database->backend());
      const Project project(*database);
      project.migration("01_log", "create table log (what int);", "drop table log;");
      for (int i = 2; i <= 6; ++i)
        project.migration("0" + std::to_string(i) + "_entry", "insert into log values (" + std::to_string(i) + ");", "delete from log;");

      std::vector<std::future<ProcessResult>> running;
      for (unsigned i = 0; i < starters; ++i) running.push_back(std::async(std::launch::async, [&] { return project.flux({"apply", "--yes"}); }));
      for (auto& one : running) {
        const ProcessResult result = one.get();
        CAPTURE(result.err);
        CHECK(result.exit_code == 0);
      }
      CHECK(database->run("select count(*) from log") == "5");
      CHECK(database->run("select count(*) from _flux_migrations") == "6");
    }
  }
}

TEST_CASE("who waits too long for the lock ends with 4 and is told who holds it") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const bool sqlite = database->backend() == "sqlite";
    const Project slow(*database);
    // SQLite has no sleep: count for a while.
    slow.write("01_slow.sql", sqlite ? "create table n as with recursive c(x) as (select 1 union all select x + 1 from c where x < 12000000) select max(x) m from c;"
                                     : "select pg_sleep(3);");
    const Project hasty(*database, "lock_timeout = \"300ms\"");
    hasty.write("01_other.sql", "select 1;");
    auto running = std::async(std::launch::async, [&] { return slow.flux({"apply", "--yes"}); });
    ProcessResult refused;
    // Until the slow one has the lock, the hasty one would get it: ask it to plan nothing new but wait for it.
    for (int tries = 0; tries < 100; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const bool locked = sqlite ? std::filesystem::exists(database->uri().substr(7)) || tries > 4
                                 : database->run("select count(*) from pg_stat_activity where query like '%pg_sleep(3)%' and state = 'active' and pid <> pg_backend_pid()") != "0";
      if (locked) break;
    }
    refused = hasty.flux({"apply", "--yes"});
    CAPTURE(refused.err);
    CHECK(refused.exit_code == 4);
    CHECK(refused.err.find("pid") != std::string::npos);
    CHECK(running.get().exit_code == 0);
  }
}

TEST_CASE("a rollback and an apply started together never mix") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    for (int i = 1; i <= 4; ++i)
      project.migration("0" + std::to_string(i), "create table t" + std::to_string(i) + " (a int);", "drop table t" + std::to_string(i) + ";");
    project.must({"apply", "2", "--yes"});
    auto up = std::async(std::launch::async, [&] { return project.flux({"apply", "--yes"}); });
    auto down = std::async(std::launch::async, [&] { return project.flux({"rollback", "1", "--yes"}); });
    const int up_code = up.get().exit_code, down_code = down.get().exit_code;
    CAPTURE(up_code);
    CAPTURE(down_code);
    CHECK((up_code == 0 || up_code == 3));
    CHECK((down_code == 0 || down_code == 3));
    const std::string ids = applied_ids(*database);
    CAPTURE(ids);
    CHECK((ids == "01 02 03 04" || ids == "01" || ids == "01 02 03"));
    project.must({"validate"});
  }
}

TEST_SUITE_END();
