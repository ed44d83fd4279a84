// flux apply and flux rollback that go well
#include <doctest/doctest.h>

#include "project.hpp"

using namespace flux::cli::test;

TEST_SUITE_BEGIN("change");

TEST_CASE("apply runs what is pending and says so") {
  const Project project;
  project.write_library();
  const ProcessResult result = project.flux({"apply", "--yes"});
  CHECK(result.err == "");
  CHECK(project.normal(result.out) ==
        "  applied   001_authors  <took>\n"
        "  applied   002_books  <took>\n"
        "  applied   003_loans  <took>\n"
        "applied 3 migrations to sqlite <dir>/app.db in <took>\n");
  CHECK(result.exit_code == 0);
}

TEST_CASE("apply goes as far as it is told") {
  struct Case {
    std::vector<std::string> arguments;
    int applied;
  };
  for (const Case& c : {Case{{"1"}, 1}, Case{{"sqlite:app.db", "2"}, 2}, Case{{"--to", "002_books"}, 2}, Case{{"9"}, 3},
                        Case{{"sqlite:app.db"}, 3}}) {
    const Project project;
    project.write_library();
    std::vector<std::string> arguments{"apply", "--auto-approve"};
    arguments.insert(arguments.end(), c.arguments.begin(), c.arguments.end());
    CAPTURE(c.arguments.front());
    CHECK(project.json(arguments).at("done") == c.applied);
  }
}

TEST_CASE("apply with nothing pending needs no answer") {
  const Project project;
  project.write_library();
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  const ProcessResult result = project.flux({"apply"});
  CHECK(result.err == "");
  CHECK(project.normal(result.out) == "nothing to apply: sqlite <dir>/app.db has all 3 migrations\n");
  CHECK(result.exit_code == 0);
}

TEST_CASE("apply with repeatables alone needs no answer") {
  const Project project;
  project.write("migrations/post-apply/views.sql", "drop view if exists v; create view v as select 1;\n");
  const ProcessResult result = project.flux({"apply"});
  CHECK(result.err == "");
  CHECK(project.normal(result.out) ==
        "  ran       post-apply/views  <took>\n"
        "nothing to apply to sqlite <dir>/app.db\n");
  CHECK(result.exit_code == 0);
}

TEST_CASE("without a terminal and without --yes nothing is written") {
  const Project project;
  project.write_library();
  const ProcessResult apply = project.flux({"apply"});
  CHECK(apply.exit_code == 2);
  CHECK(apply.out == "");
  CHECK(apply.err ==
        "error: there is no terminal to ask whether to apply 3 migrations\n"
        "  hint: look at `flux plan`, then run `flux apply --yes`\n");
  CHECK_FALSE(project.has("app.db"));

  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  const ProcessResult rollback = project.flux({"rollback", "1"});
  CHECK(rollback.exit_code == 2);
  CHECK(rollback.err.find("look at `flux plan --rollback 1`, then run `flux rollback 1 --yes`") != std::string::npos);
  CHECK(project.json({"status"}).at("applied") == 3);
}

TEST_CASE("rollback undoes the newest first") {
  const Project project;
  project.write_library();
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  const ProcessResult result = project.flux({"rollback", "2", "--yes"});
  CHECK(result.err == "");
  CHECK(project.normal(result.out) ==
        "  undone    003_loans  <took>\n"
        "  undone    002_books  <took>\n"
        "rolled back 2 migrations of sqlite <dir>/app.db in <took>\n");
  CHECK(result.exit_code == 0);
}

TEST_CASE("rollback says how many there are where more are asked for") {
  const Project project;
  project.write("migrations/1_a.sql", "create table a (x);\n");
  project.write("migrations/1_a.undo.sql", "drop table a;\n");
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  const ProcessResult result = project.flux({"rollback", "99", "--yes"});
  CHECK(result.exit_code == 0);
  CHECK(result.err == "warning: 99 were asked for, and 1 is applied\n");
}

TEST_CASE("rollback goes as far as it is told") {
  struct Case {
    std::vector<std::string> arguments;
    int undone;
  };
  for (const Case& c :
       {Case{{"1"}, 1}, Case{{"--to", "002_books"}, 2}, Case{{"--all"}, 3}, Case{{"sqlite:app.db", "3"}, 3}}) {
    const Project project;
    project.write_library();
    REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
    std::vector<std::string> arguments{"rollback", "-y"};
    arguments.insert(arguments.end(), c.arguments.begin(), c.arguments.end());
    CAPTURE(c.arguments.front());
    CHECK(project.json(arguments).at("done") == c.undone);
  }
}

TEST_CASE("rollback runs repeatables, unless it is told not to") {
  const Project project;
  project.write_library();
  project.write("migrations/post-apply/views.sql", "drop view if exists v; create view v as select 1;\n");
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  CHECK(project.flux({"rollback", "1", "--yes"}).out.find("post-apply/views") != std::string::npos);
  CHECK(project.flux({"rollback", "1", "--yes", "--no-repeatable"}).out.find("post-apply/views") == std::string::npos);
}

TEST_CASE("rollback forgets a migration without undo only when it is told to") {
  const Project project;
  project.write("migrations/001_a.sql", "create table a (i int);\n");
  REQUIRE(project.flux({"apply", "--yes"}).exit_code == 0);
  const ProcessResult refused = project.flux({"rollback", "1", "--yes"});
  CHECK(refused.exit_code == 3);
  CHECK(refused.err.find("001_a") != std::string::npos);
  const ProcessResult done = project.flux({"rollback", "1", "--yes", "--forget-missing-undo"});
  CHECK(done.exit_code == 0);
  CHECK(done.out.find("  forgotten 001_a") != std::string::npos);
}

TEST_CASE("global options may stand before or after the command") {
  const Project project;
  project.write_library();
  project.write(
      "other/flux.toml",
      "[flux]\nbackend = \"sqlite\"\nmigration_directory = \"../migrations\"\ndatabase_uri = \"sqlite:other.db\"\n"
      "[environments.test]\ndatabase_uri = \"sqlite:test.db\"\n");
  const std::vector<std::string> before{"--config", "other/flux.toml", "--env", "test", "--format=json", "status"};
  const std::vector<std::string> after{"status", "--format=json", "--config=other/flux.toml", "--env=test"};
  const ProcessResult one = project.flux(before);
  CHECK(one.out == project.flux(after).out);
  CHECK(one.out.find("test.db") != std::string::npos);
}

TEST_SUITE_END();
