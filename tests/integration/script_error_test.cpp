#include <doctest/doctest.h>

#include "project.hpp"

TEST_SUITE_BEGIN("script errors");

using namespace flux::testing;

namespace {
bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("an error of PostgreSQL is shown with its place, code and what to do") {
  const auto database = new_postgres();
  const Project project(*database);
  project.write("01_first.sql", "create table a (id int);\n");
  project.write("02_orders.sql", "-- orders; with größe\ncreate table orders (\n  id int,\n  customer_id bigint references custmers (id),\n  x int\n);\n");
  project.write("03_later.sql", "select 1;\n");
  const ProcessResult result = project.flux({"apply", "--yes", "--no-color"});
  CHECK(result.exit_code == 1);
  const std::string expected =
      "error: 02_orders failed and was rolled back\n"
      "  migrations/02_orders.sql:4:33\n"
      "    4 |   customer_id bigint references custmers (id),\n"
      "      |                                 ^ relation \"custmers\" does not exist (42P01)\n"
      "  applied before it: 1 · not run: 1\n"
      "  next: correct the file, then run `flux apply` again\n";
  CAPTURE(result.err);
  CHECK(contains(result.err, expected));
}

TEST_CASE("the column counts characters, in a later statement as well") {
  const auto database = new_postgres();
  const Project project(*database);
  project.write("01.sql", "select 'größe; größe';\nselect 'ü', nothing_such from (select 1 as one) x;\n");
  const ProcessResult result = project.flux({"apply", "--yes"});
  CAPTURE(result.err);
  CHECK(contains(result.err, "01.sql:2:13\n"));
  CHECK(contains(result.err, "(42703)"));
}

TEST_CASE("an error at run time shows its statement, detail and hint") {
  const auto database = new_postgres();
  const Project project(*database);
  project.write("01.sql", "create table t (a int primary key);\ninsert into t values (1);\n\n-- again\ninsert into t values (1);\nselect 1;\n");
  ProcessResult result = project.flux({"apply", "--yes"});
  CAPTURE(result.err);
  CHECK(contains(result.err, "01.sql:5:1\n"));
  CHECK(contains(result.err, "Key (a)=(1) already exists."));
  project.write("01.sql", "create function f() returns int language plpgsql as $$\nbegin\n  return 1 / 0;\nend $$;\nselect f();\n");
  result = project.flux({"apply", "--yes"});
  CHECK(contains(result.err, "01.sql:5:1\n"));
  CHECK(contains(result.err, "division by zero"));
}

TEST_CASE("undo and repeatable scripts fail the same way") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("01", "create table t (a int);\n", "select 1;\ndrop table no_such_table;\n");
    project.must({"apply", "--yes"});
    ProcessResult result = project.flux({"rollback", "1", "--yes"});
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "error: the undo of 01 failed and was rolled back\n  migrations/01.undo.sql:2:"));
    CHECK(applied_ids(*database) == "01");
    project.write("post-apply/views.sql", "select 1;\nselect * from no_such_table;\n");
    result = project.flux({"apply", "--yes"});
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "error: post-apply/views failed and was rolled back\n  migrations/post-apply/views.sql:2:"));
  }
}

TEST_CASE("the undo kept in the history fails with its own place") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("01", "create table t (a int);\n", "select 1;\ndrop table no_such_table;\n");
    project.must({"apply", "--yes"});
    project.remove("01.undo.sql");
    const ProcessResult result = project.flux({"rollback", "1", "--yes"});
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "01.undo (kept in the history):2:"));
  }
}

TEST_SUITE_END();
