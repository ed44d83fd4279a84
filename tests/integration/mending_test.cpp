#include <doctest/doctest.h>

#include <fstream>
#include <future>
#include <sstream>
#include <thread>

#include "project.hpp"

TEST_SUITE_BEGIN("mending");

using namespace flux::testing;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string read(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("accept shows what has changed in an applied file and takes it as it is") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("01", "create table t (a int);\n", "drop table t;\n");
    project.migration("02", "create table u (a int);\n", "drop table u;\n");
    project.must({"apply", "--yes"});
    CHECK(contains(project.must({"accept", "01", "--yes"}, 2), "01 has not changed"));
    project.write("01.sql", "create table t (a int); -- the first\n");
    CHECK(contains(project.must({"apply", "--yes"}, 3), "flux accept 01"));
    CHECK(contains(project.must({"accept", "01"}, 2), "no terminal"));
    const std::string accepted = project.must({"accept", "01", "--yes"});
    CHECK(contains(accepted, "-create table t (a int);\n+create table t (a int); -- the first\n"));
    const std::string note = database->run("select note from _flux_migrations where id = '01'");
    CHECK(contains(note, "accepted as changed, before it was sha256:"));
    CHECK(contains(project.must({"history"}), "accepted as changed"));
    project.must({"validate"});
    // The undo that the history keeps is not lost to a checkout without it.
    project.write("01.sql", "create table t (a int); -- the very first\n");
    project.remove("01.undo.sql");
    project.must({"accept", "01", "--yes"});
    project.must({"rollback", "--all", "--yes"});
  }
}

TEST_CASE("baseline records what a database has already") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    for (const char* id : {"01", "02", "03"}) project.migration(id, "create table t" + std::string(id) + " (a int);\n", "drop table t" + std::string(id) + ";\n");
    database->run("create table t01 (a int); create table t02 (a int);");
    project.write("02.sql", "-- flux: draft\n");
    CHECK(contains(project.must({"baseline", "02", "--yes"}, 3), "draft"));
    project.write("02.sql", "create table t02 (a int);\n");
    CHECK(contains(project.must({"baseline", "04", "--yes"}, 2), "no migration 04"));
    CHECK(contains(project.must({"baseline", "02", "--yes"}), "recorded 2 migrations"));
    CHECK(contains(project.must({"baseline", "02", "--yes"}), "nothing to record"));
    project.must({"apply", "--yes"});
    CHECK(contains(database->run("select note from _flux_migrations where id = '02'"), "baseline"));
    project.must({"rollback", "--all", "--yes"});
  }
}

TEST_CASE("lock says who holds the migration lock, and can end that session") {
  const auto database = new_postgres();
  const Project project(*database);
  CHECK(contains(project.must({"lock"}), "nobody holds"));
  project.write("01.sql", "select pg_sleep(60);\n");
  auto running = std::async(std::launch::async, [&] { return project.flux({"apply", "--yes"}); });
  std::string held;
  for (int i = 0; i < 200 && !contains(held, "is held by pid"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    held = project.must({"lock"});
  }
  CHECK(contains(held, "is held by pid"));
  CHECK(contains(held, "application \"flux"));
  CHECK(contains(project.must({"lock", "--release"}, 2), "no terminal"));
  project.must({"lock", "--release", "--yes"});
  CHECK(contains(project.must({"lock"}), "nobody holds"));
  // What it was doing does not outlive the lock for long: its own server process is ended as well, or notices.
  database->run("select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()");
  const ProcessResult result = running.get();
  CAPTURE(result.err);
  CHECK(result.exit_code == 5);
  CHECK(database->run("select count(*) from _flux_migrations") == "0");
}

TEST_CASE("a plan file runs exactly what it holds, or nothing") {
  for (const auto& database : one_of_every_kind()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("01", "create table t (a int);\n", "drop table t;\n");
    project.migration("02", "create table u (a int);\n", "drop table u;\n");
    const std::string file = (project.folder() / "plan.json").string();
    project.must({"plan", "1", "--out", file});
    CHECK(contains(project.must({"apply", "2", "--plan", file}, 2), "--plan runs exactly"));
    CHECK(contains(project.must({"rollback", "--plan", file}, 2), "is a plan to apply"));

    project.write("01.sql", "create table t (a int, b int);\n");
    CHECK(contains(project.must({"apply", "--plan", file}, 3), "apply 01: its script has changed"));
    project.write("01.sql", "create table t (a int);\n");
    project.write("00.sql", "select 1;\n");
    CHECK(contains(project.must({"apply", "--plan", file}, 3), "apply 00 would run now, but is not in the plan"));
    project.remove("00.sql");
    project.must({"apply", "--plan", file});
    CHECK(database->run("select count(*) from _flux_migrations") == "1");
    CHECK(contains(project.must({"apply", "--plan", file}, 3), "the history has changed since the plan was made"));

    project.must({"plan", "--rollback", "1", "--out", file});
    project.must({"rollback", "--plan", file});
    CHECK(database->run("select count(*) from _flux_migrations") == "0");

    const auto other = database->another();
    CHECK(contains(project.must({"rollback", other->uri(), "--plan", file}, 3), "the target is"));
  }
}

TEST_CASE("a file that is no plan is refused with the place that is wrong") {
  const auto database = new_sqlite();
  const Project project(*database);
  project.write("01.sql", "select 1;\n");
  const std::string file = (project.folder() / "plan.json").string();
  struct Row {
    const char *text, *message;
  };
  for (const Row& row : {Row{"", "plan.json:1:1"}, Row{"{\n  \"flux_plan\": 1,\n", "plan.json:3"}, Row{"[]", "no plan file"}, Row{"{\"flux_plan\": 2}", "of version 1"},
                         Row{"{\"flux_plan\": 1}", "not complete"}}) {
    CAPTURE(row.text);
    std::ofstream(file) << row.text;
    CHECK(contains(project.must({"apply", "--plan", file}, 2), row.message));
  }
  CHECK(contains(project.must({"apply", "--plan", "nowhere.json"}, 2), "cannot be read"));
  project.must({"plan", "--out", file});
  CHECK_FALSE(contains(read(file), "select 1"));
}

TEST_SUITE_END();
