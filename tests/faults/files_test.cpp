// Rows 23 to 37, 47 and 48: what a migration directory can hold. Others of these rows are shown by tests elsewhere;
// README.md says where.
#include <sys/stat.h>
#include <unistd.h>

#include "scene.hpp"

using namespace flux::testing;

namespace {

// Both databases refuse with 3, name `parts`, and have run nothing.
void check_refused(const std::function<void(const Project&)>& write, const std::vector<std::string>& parts) {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    write(project);
    const ProcessResult result = project.flux({"apply", "--yes"});
    CAPTURE(result.err);
    CHECK(result.exit_code == 3);
    for (const std::string& part : parts) {
      CAPTURE(part);
      CHECK(contains(result.out + result.err, part));
    }
    CHECK(history_of(*database) == "");
    CHECK_FALSE(has_relation(*database, "good"));
  }
}

const std::string good = "create table good (a int);\n";

}  // namespace

TEST_SUITE_BEGIN("files");

TEST_CASE("row 23: an applied file was edited") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.write("01.sql", good);
    project.must({"apply", "--yes"});
    const std::string before = database->run("select hash from _flux_migrations");
    project.write("01.sql", "create table good (a int, b int);\n");
    project.write("02.sql", "create table more (a int);\n");
    const std::string text = project.must({"apply", "--yes"}, 3);
    CAPTURE(text);
    CAPTURE(before);
    // Shortened, but enough of both to tell them apart.
    CHECK(contains(text, before.substr(0, std::string("sha256:").size() + 8)));
    const std::string second = text.substr(text.find("sha256:") + 1);
    CHECK(contains(second, "sha256:"));
    CHECK_FALSE(has_relation(*database, "more"));
  }
}

TEST_CASE("row 28: invalid UTF-8") {
  check_refused(
      [](const Project& p) {
        p.write("01.sql", good);
        p.write("02.sql", "create table b (\n  x int default '\xFF');\n");
      },
      {"02.sql:2:18", "UTF-8", "byte 34"});
}

TEST_CASE("row 29: a NUL byte") {
  check_refused(
      [](const Project& p) {
        p.write("01.sql", good);
        p.write("02.sql", std::string("select 1;\nselect 'a\0b';\n", 23));
      },
      {"02.sql:2:10", "NUL", "byte 19"});
}

TEST_CASE("row 31: COPY with its data in the script") {
  PostgresScene scene;
  scene.project.write("01.sql",
                      "create table t (a int, b text);\ncopy t from stdin;\n1\tone;\n2\ttwo\\nlines\n\\.\n"
                      "insert into t values (3, 'three');\n");
  CHECK_NOTHROW(scene.project.must({"apply", "--yes"}));
  CHECK(scene.run("select string_agg(b, '|' order by a) from t") == "one;|two\nlines|three");
  // Without its end it is refused, or fails; it must not wait for more.
  scene.project.write("02.sql", "create table u (a int);\ncopy u from stdin;\n1\n");
  const ProcessResult result = scene.project.flux({"apply", "--yes"});
  CAPTURE(result.err);
  CHECK((result.exit_code == 3 || result.exit_code == 1 || history_of(*scene.database) == "01 02"));
  scene.project.write("02.sql", "create table u (a int);\ncopy u from stdin;\nselect 1;\n\\.\n");
  CHECK(contains(scene.project.must({"apply", "--yes"}, 1), "02.sql:3"));
}

TEST_CASE("row 32: a script with its own COMMIT") {
  for (const std::string script :
       {"create table b (x int);\ncommit;\ncreate table c (x int);\n", "create table b (x int);\nend;\n",
        "begin;\ncreate table b (x int);\ncommit;\ncreate table c (x int);\n",
        "create table b (x int);\n  /* ; */ commit ; begin;\ncreate table c (x int);\n"}) {
    CAPTURE(script);
    check_refused([script](const Project& p) { p.write("01.sql", good), p.write("02.sql", script); }, {"02.sql:"});
  }
}

TEST_CASE("row 32: a COMMIT that no reader can see is found while the script runs") {
  PostgresScene scene;
  scene.project.write("01.sql", good);
  scene.project.write("02.sql", "create table b (x int);\ndo $$ begin execute 'com' || 'mit'; end $$;\n");
  const ProcessResult result = scene.project.flux({"apply", "--yes"});
  CAPTURE(result.err);
  CHECK(result.exit_code == 1);
  CHECK(history_of(*scene.database) == "01");
  CHECK_FALSE(has_relation(*scene.database, "b"));
}

TEST_CASE("row 33: a script with its own ROLLBACK") {
  for (const std::string script : {"create table b (x int);\nrollback;\n", "create table b (x int);\nabort;\n",
                                   "create table b (x int);\nrollback;\nbegin;\n"}) {
    CAPTURE(script);
    for (const auto& database : one_of_each()) {
      if (database->backend() == "sqlite" && contains(script, "abort")) continue;  // no statement of SQLite
      const Project project(*database);
      project.write("01.sql", good);
      project.write("02.sql", script);
      const std::string text = project.must({"apply", "--yes"}, 3);
      CHECK(contains(text, "02.sql:2:1"));
      CHECK_FALSE(has_relation(*database, "good"));
    }
  }
}

TEST_CASE("row 34: nested comments, dollar quotes over lines, BEGIN ATOMIC") {
  PostgresScene scene;
  scene.project.write("01.sql",
                      "/* one /* two; */ commit; */\n"
                      "create function f() returns int language plpgsql as $body$\nbegin\n  -- it's; $$\n  return 1; "
                      "/* ; */\nend\n$body$;\n"
                      "create function g(a int) returns int begin atomic\n  select 1;\n  select case when a > 0 then "
                      "f() + 1 else 0 end;\nend;\n"
                      "do $$ declare x text := 'a;b'; begin perform x; end; $$;\n"
                      "create table \"odd;name\" (a text default E'it\\'s;', b text default U&'d\\0061t');\n");
  CHECK_NOTHROW(scene.project.must({"apply", "--yes"}));
  CHECK(scene.run("select f() + g(1)") == "3");
  CHECK(scene.run("insert into \"odd;name\" default values returning a || b") == "it's;dat");
}

TEST_CASE("row 35: a FIFO named .sql") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.write("01.sql", good);
    REQUIRE(mkfifo((project.folder() / "migrations/02.sql").c_str(), 0644) == 0);
    const auto flux = start_flux(project, {"apply", "--yes"});
    CHECK(flux->wait(std::chrono::seconds(3)) == 3);
    CHECK(contains(flux->err(), "02.sql"));
    CHECK_FALSE(has_relation(*database, "good"));
  }
}

TEST_CASE("row 36: an unreadable file behind a good one") {
  check_refused(
      [](const Project& p) {
        p.write("01.sql", good);
        std::filesystem::create_symlink("nowhere", p.folder() / "migrations/02.sql");
      },
      {"02.sql"});
  // Root reads every file, so flux runs as somebody else.
  PostgresScene scene;
  scene.project.write("01.sql", good);
  scene.project.write("02.sql", "select 1;\n");
  std::filesystem::permissions(scene.project.folder() / "migrations/02.sql", std::filesystem::perms::none);
  ProcessOptions options;
  if (geteuid() == 0) {
    options.uid = 65534;
    std::filesystem::permissions(scene.project.folder(), std::filesystem::perms(0755));
  }
  const auto flux = start_flux(scene.project, {"apply", "--yes"}, options);
  CHECK(flux->wait() == 3);
  CAPTURE(flux->text());
  CHECK(contains(flux->err(), "02.sql"));
  CHECK_FALSE(has_relation(*scene.database, "good"));
}

TEST_CASE("row 37: two files with one id, or ids that differ only in case") {
  check_refused(
      [](const Project& p) {
        p.write("01.sql", good);
        p.write("02_Add.sql", "select 1;");
        p.write("02_add.sql", "select 2;");
      },
      {"02_Add", "02_add"});
  check_refused(
      [](const Project& p) {
        p.write("01.sql", good);
        p.write("02.sql", "select 1;");
        p.write("02.py", "def apply():\n    return 'select 2;'\n");
      },
      {"02.sql", "02.py"});
}

TEST_CASE("row 47: a directory named x.sql") {
  check_refused(
      [](const Project& p) {
        p.write("01.sql", good);
        std::filesystem::create_directory(p.folder() / "migrations/02.sql");
      },
      {"02.sql"});
}

TEST_CASE("row 48: a command of psql") {
  PostgresScene scene;
  scene.project.write("01.sql", good);
  scene.project.write("02.sql", "select 1;\n\\set ON_ERROR_STOP on\nselect 2;\n");
  const std::string text = scene.project.must({"apply", "--yes"}, 3);
  CAPTURE(text);
  CHECK(contains(text, "02.sql:2:1"));
  CHECK_FALSE(has_relation(*scene.database, "good"));
}

TEST_SUITE_END();
