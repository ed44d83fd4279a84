#include <doctest/doctest.h>

#include "project.hpp"

TEST_SUITE_BEGIN("sqlite");

using namespace flux::testing;

namespace {
bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("a relative path starts at flux.toml, wherever the command is started") {
  const TempDir folder;
  write_file(folder / "flux.toml", "[flux]\nbackend = \"sqlite\"\nmigration_directory = \"migrations\"\ndatabase_uri = \"sqlite:app.db\"\n");
  write_file(folder / "migrations/01.sql", "create table t (a int);");
  std::filesystem::create_directories(folder / "deep/er");
  ProcessOptions options;
  options.cwd = folder / "deep/er";
  CHECK(run_process({FLUX_PROGRAM, "apply", "--yes"}, options).exit_code == 0);
  CHECK(std::filesystem::exists(folder / "app.db"));
  // One that is typed starts where it is typed.
  CHECK(run_process({FLUX_PROGRAM, "apply", "sqlite:typed.db", "--yes"}, options).exit_code == 0);
  CHECK(std::filesystem::exists(folder / "deep/er/typed.db"));
}

TEST_CASE("a table is rebuilt with its foreign keys whole, and broken ones are named") {
  const auto database = new_sqlite();
  const Project project(*database);
  project.write("01.sql", "create table parent (id integer primary key);\ncreate table child (id integer primary key, parent int references parent (id));\n"
                          "insert into parent values (1), (2);\ninsert into child values (10, 1), (20, 2);\n");
  project.write("02.sql", "create table n (id integer primary key, extra text);\ninsert into n (id) select id from parent;\ndrop table parent;\nalter table n rename to parent;\n");
  project.must({"apply", "--yes"});
  project.write("03.sql", "create table n (id integer primary key, extra text);\ninsert into n (id) select id from parent where id <> 2;\ndrop table parent;\nalter table n rename to parent;\n");
  const std::string text = project.must({"apply", "--yes"}, 1);
  CAPTURE(text);
  CHECK(contains(text, "child"));
  CHECK(contains(text, "20"));
  CHECK(database->run("select count(*) from parent") == "2");
}

TEST_CASE("a read-only database gets status and a no-op apply") {
  const auto database = new_sqlite();
  const Project project(*database);
  project.write("01.sql", "create table t (a int);");
  project.must({"apply", "--yes"});
  const std::string file = database->uri().substr(7);
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  std::filesystem::permissions(std::filesystem::path(file).parent_path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  project.must({"status"});
  project.must({"apply", "--yes"});
  std::filesystem::permissions(std::filesystem::path(file).parent_path(), std::filesystem::perms::owner_all);
}

TEST_CASE("a mistyped folder is an error that names it, and nothing is created") {
  const auto database = new_sqlite();
  const Project project(*database);
  project.write("01.sql", "select 1;");
  const std::string text = project.must({"apply", "sqlite:/no/such/folder/app.db", "--yes"}, 5);
  CHECK(contains(text, "/no/such/folder"));
}

TEST_SUITE_END();
