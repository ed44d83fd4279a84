// Rows 10 to 12 and 49 to 51 on MariaDB.
#include <signal.h>

#include <iostream>

#include "scene.hpp"

using namespace flux::testing;

namespace {

constexpr int rounds = sanitized ? 5 : 50, eight = 8;

struct MariadbScene {
  std::unique_ptr<Database> database = new_mariadb();
  Project project{*database};

  std::string name() const { return database->uri().substr(database->uri().rfind('/') + 1); }
  std::string run(const std::string& sql) const { return database->run(sql); }
  std::string history() const {
    return run("select coalesce(group_concat(id, ' ', state order by id), '') from _flux_migrations");
  }
};

// Starts flux several times at once; returns what those wrote that did not end with 0.
std::string race(const MariadbScene& scene, int starters) {
  std::vector<std::unique_ptr<Child>> all;
  for (int i = 0; i < starters; ++i) all.push_back(start_flux(scene.project, {"apply", "--yes"}));
  std::string problems;
  for (const auto& one : all)
    if (const int code = one->wait(); code != 0) problems += "exit " + std::to_string(code) + ": " + one->text() + "\n";
  return problems;
}

}  // namespace

TEST_SUITE_BEGIN("races_mariadb");

TEST_CASE("row 10: MariaDB, eight starters on an empty database") {
  const MariadbScene scene;
  scene.project.write("01_log.sql", "create table log (what int);\n");
  scene.project.write("02_one.sql", "insert into log values (1);\n");
  scene.project.write("03_two.sql", "create table more (a int); insert into log values (2);\n");
  for (int round = 0; round < rounds; ++round) {
    scene.run("drop database " + scene.name() + "; create database " + scene.name());
    CHECK(race(scene, eight) == "");
    CHECK(scene.run("select group_concat(what order by what) from log") == "1,2");
    CHECK(scene.history() == "01_log applied,02_one applied,03_two applied");
  }
  std::cout << "MariaDB, empty database: " << rounds << " rounds of " << eight << std::endl;
}

TEST_CASE("row 11: MariaDB, eight starters with DML pending") {
  const MariadbScene scene;
  scene.project.write("01_log.sql", "create table log (what int);\n");
  scene.project.must({"apply", "--yes"});
  for (int round = 1; round <= rounds; ++round) {
    const std::string value = std::to_string(1000 + round);
    scene.project.write("1" + value + ".sql", "insert into log values (" + value + ");\n");
    CHECK(race(scene, eight) == "");
    CHECK(scene.run("select count(*) from log where what = " + value) == "1");
  }
  CHECK(scene.run("select count(*) from log") == std::to_string(rounds));
}

TEST_CASE("row 12: MariaDB, two starters, DDL and DML without a transaction") {
  const MariadbScene scene;
  scene.project.write("01_log.sql", "create table log (what int);\n");
  scene.project.must({"apply", "--yes"});
  for (int round = 1; round <= rounds; ++round) {
    const std::string value = std::to_string(1000 + round);
    scene.project.write("1" + value + ".sql", "-- flux: no-transaction\ninsert into log values (" + value +
                                                  ");\ncreate table t" + value + " (a int);\ninsert into log values (" +
                                                  value + ");\n");
    CHECK(race(scene, 2) == "");
    CHECK(scene.run("select count(*) from log where what = " + value) == "2");
  }
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("mariadb");

TEST_CASE("row 49: MariaDB, an error behind statements that commit implicitly") {
  const MariadbScene scene;
  const std::string good = "create table t (a int primary key);\ninsert into t values (1);\nalter table t add b int;\n";
  scene.project.write("01.sql", good + "insert into t (a) values (1);\ninsert into t (a) values (3);\n");
  const std::string text = scene.project.must({"apply", "--yes"}, 7);
  CHECK(contains(text, "in statement 4 of 5; 3 done and not rolled back"));
  CHECK(scene.history() == "01 interrupted");
  scene.project.must({"apply", "--yes"}, 7);
  CHECK(scene.run("select count(*) from t") == "1");
  scene.project.write("01.sql", good + "insert into t (a) values (2);\ninsert into t (a) values (3);\n");
  scene.project.must({"resolve", "01", "--resume", "--yes"});
  CHECK(scene.run("select group_concat(a order by a) from t") == "1,2,3");
  CHECK(scene.history() == "01 applied");
  scene.project.must({"apply", "--yes"});
}

TEST_CASE("row 50: MariaDB, kill -9 while a statement runs") {
  const MariadbScene scene;
  scene.project.write("01.sql",
                      "create table t (a int);\ninsert into t values (1);\ninsert into t select sleep(3);\ninsert into "
                      "t values (3);\n");
  const auto running = start_flux(scene.project, {"apply", "--yes"});
  REQUIRE(eventually([&] {
    return scene.run(
               "select count(*) from information_schema.processlist where info = 'insert into t select sleep(3)'") ==
           "1";
  }));
  running->signal(SIGKILL);
  running->wait();
  // The server is still at work on it: nobody may begin before it has ended.
  const std::string text = scene.project.must({"apply", "--yes"}, 7);
  CHECK(contains(text, "it stopped before statement 3 of 4"));
  CHECK(scene.run("select count(*) from t") == "1");
  scene.project.write(
      "01.sql",
      "create table t (a int);\ninsert into t values (1);\ninsert into t values (2);\ninsert into t values (3);\n");
  scene.project.must({"resolve", "01", "--resume", "--yes"});
  CHECK(scene.run("select group_concat(a order by a) from t") == "1,2,3");
}

TEST_CASE("row 51: MariaDB, DELIMITER, backslash quotes, # and comments that run") {
  const MariadbScene scene;
  scene.project.write(
      "01.sql",
      "create table t (a varchar(40)); # it's\ninsert into t values ('a\\'; b'), (\"c\\\"; d\"); -- it's\n"
      "/*!40101 insert into t values ('e; f') */;\nDELIMITER $$\n"
      "create procedure p() begin insert into t values ('g;'); insert into t values ('h;'); end$$\nDELIMITER ;\n"
      "call p();\n/* call p(); */\n");
  scene.project.must({"apply", "--yes"});
  CHECK(scene.run("select group_concat(a order by a separator '|') from t") == "a'; b|c\"; d|e; f|g;|h;");
  CHECK(scene.run("select statements_total from _flux_migrations") == "5");
}

TEST_SUITE_END();
