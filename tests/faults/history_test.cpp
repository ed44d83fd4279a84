// Rows 38 to 41 and 45: a history that others have touched, and databases that may not be written.
#include "scene.hpp"

using namespace flux::testing;

namespace {

// Three migrations, applied.
void apply_three(const Project& project) {
  for (const char* id : {"01", "02", "03"})
    project.write(std::string(id) + ".sql", std::string("create table t") + id + " (a int);\n");
  project.must({"apply", "--yes"});
}

// flux apply with nothing pending, and every reading command, write nothing.
void check_reads(const Project& project, const std::string& uri) {
  CAPTURE(uri);
  for (const char* command : {"status", "plan", "validate", "history"}) CHECK_NOTHROW(project.must({command, uri}));
  CHECK_NOTHROW(project.must({"apply", uri, "--yes"}));
}

// Pending work ends in one error that says why, and nothing else.
void check_refuses(const Project& project, const std::string& uri) {
  const ProcessResult result = project.flux({"apply", uri, "--yes"});
  CAPTURE(result.err);
  CHECK(result.exit_code != 0);
  CHECK(result.exit_code != 6);
  CHECK(contains(result.err, "read-only"));
  std::size_t errors = 0;
  for (std::size_t at = result.err.find("error:"); at != std::string::npos; at = result.err.find("error:", at + 1))
    ++errors;
  CHECK(errors == 1);
}

}  // namespace

TEST_SUITE_BEGIN("history");

TEST_CASE("row 38: a row of the history was deleted") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    apply_three(project);
    database->run("delete from _flux_migrations where id = '02'");
    project.write("04.sql", "create table t04 (a int);\n");
    const std::string text = project.must({"apply", "--yes"}, 3);
    CAPTURE(text);
    CHECK(contains(text, "02 is pending, but sorts before 03"));
    CHECK_FALSE(has_relation(*database, "t04"));
    CHECK(history_of(*database) == "01 03");
  }
}

TEST_CASE("row 39: an unknown row in the history") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    apply_three(project);
    database->run("update _flux_migrations set id = '015_elsewhere' where id = '02'");
    project.write("04.sql", "create table t04 (a int);\n");
    CHECK(contains(project.must({"apply", "--yes"}, 3), "015_elsewhere"));
    CHECK_FALSE(has_relation(*database, "t04"));
  }
}

TEST_CASE("row 40: the history has another column") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    apply_three(project);
    database->run("alter table _flux_migrations add column ticket text");
    database->run("update _flux_migrations set ticket = 'OPS-1'");
    project.write("04.sql", "create table t04 (a int);\n");
    CHECK_NOTHROW(project.must({"apply", "--yes"}));
    CHECK(history_of(*database) == "01 02 03 04");
    CHECK(database->run("select count(*) from _flux_migrations where ticket = 'OPS-1'") == "3");
  }
}

TEST_CASE("row 41: nothing is pending on a read-only database") {
  PostgresScene scene;
  apply_three(scene.project);
  scene.run("alter database " + scene.name() + " set default_transaction_read_only = on");
  check_reads(scene.project, scene.database->uri());
}

TEST_CASE("rows 41 and 45: on a hot standby reading is fine, and pending work is refused") {
  PostgresServer standby;
  const std::string uri = standby.uri("postgres");
  PostgresScene scene;  // of another server: only its folder counts
  for (const char* id : {"01", "02"})
    scene.project.write(std::string(id) + ".sql", std::string("create table t") + id + " (a int);\n");
  scene.project.must({"apply", uri, "--yes"});
  standby.stop();
  write_file(standby.folder() / "data" / "standby.signal", "");
  standby.start();
  REQUIRE(standby.run("postgres", "select pg_is_in_recovery()") == "t");
  check_reads(scene.project, uri);
  scene.project.write("03.sql", "create table t03 (a int);\n");
  check_refuses(scene.project, uri);
}

TEST_CASE("row 45: pending work on a read-only server") {
  PostgresScene scene;
  apply_three(scene.project);
  scene.run("alter database " + scene.name() + " set default_transaction_read_only = on");
  scene.project.write("04.sql", "create table t04 (a int);\n");
  check_refuses(scene.project, scene.database->uri());
  CHECK(history_of(*scene.database) == "01 02 03");
  CHECK_FALSE(has_relation(*scene.database, "t04"));
  scene.run("begin read write; alter database " + scene.name() + " reset default_transaction_read_only; commit");
  CHECK_NOTHROW(scene.project.must({"apply", "--yes"}));
}

TEST_SUITE_END();
