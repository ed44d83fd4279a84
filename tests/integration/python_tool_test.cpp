#include <doctest/doctest.h>

#include "project.hpp"

TEST_SUITE_BEGIN("databases of flux-migrations (Python)");

using namespace flux::testing;

namespace {

// MD5 of "create table t1 (a int);\n" and of "create table t2 (a int);\n".
constexpr const char* md5_1 = "16cfea9cf7d11980ae8df8b8b169ad9b";
constexpr const char* md5_2 = "97521a59f377113dffa490ae497938de";

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The state that the Python tool leaves after two migrations.
void as_python_left_it(const Database& database) {
  database.run("create table t1 (a int)");
  database.run("create table t2 (a int)");
  database.run("create table _flux_migrations (id text primary key, hash text not null, applied_at timestamp not null default current_timestamp)");
  database.run(std::string("insert into _flux_migrations (id, hash) values ('20240101_001_one', '") + md5_1 + "'), ('20240101_002_two', '" + md5_2 + "')");
}

void write_migrations(const Project& project) {
  project.migration("20240101_001_one", "create table t1 (a int);\n", "drop table t1;\n");
  project.migration("20240101_002_two", "create table t2 (a int);\r\n", "drop table t2;\n");
}

}  // namespace

TEST_CASE("is read, verified, extended and continued") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    as_python_left_it(*database);
    const Project project(*database);
    write_migrations(project);
    CHECK(contains(project.must({"status"}), "2 applied"));
    project.must({"validate"});
    project.must({"apply", "--yes"});  // nothing is pending: not a column is added
    CHECK_THROWS(database->run("select namespace from _flux_migrations"));

    project.migration("20240102_001_three", "create table t3 (a int);\n", "drop table t3;\n");
    project.must({"apply", "--yes"});
    CHECK(applied_ids(*database) == "20240101_001_one 20240101_002_two 20240102_001_three");
    CHECK(database->run("select hash from _flux_migrations where id = '20240101_001_one'") == md5_1);
    CHECK(database->run("select namespace || state from _flux_migrations where id = '20240101_001_one'") == "applied");

    const Project other(*database, "namespace = \"other\"");
    other.migration("20240101_001_one", "create table o (a int);\n", "drop table o;\n");
    other.must({"apply", "--yes"});
    CHECK(database->run("select count(*) from _flux_migrations where id = '20240101_001_one'") == "2");
    other.must({"rollback", "--all", "--yes"});

    project.must({"rollback", "--all", "--yes"});
    CHECK(applied_ids(*database) == "");
    project.must({"apply", "--yes"});
  }
}

TEST_CASE("a rollback alone works as well") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    as_python_left_it(*database);
    const Project project(*database);
    write_migrations(project);
    project.must({"rollback", "1", "--yes"});
    CHECK(applied_ids(*database) == "20240101_001_one");
  }
}

TEST_CASE("a changed file is seen by its MD5") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    as_python_left_it(*database);
    const Project project(*database);
    write_migrations(project);
    project.write("20240101_001_one.sql", "create table t1 (b int);\n");
    const std::string text = project.must({"apply", "--yes"}, 3);
    CHECK(contains(text, "20240101_001_one has changed"));
    CHECK(contains(text, md5_1));
  }
}

TEST_SUITE_END();
