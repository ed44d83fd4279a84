// Thousands of migrations: what they come to, not how long it takes.
#include <doctest/doctest.h>

#include <string>

#include "project.hpp"

TEST_SUITE_BEGIN("many files");

using namespace flux::testing;
using std::to_string;

namespace {

constexpr int count = 3000;

std::string id_of(int number) { return "20260101_" + to_string(1'000'000 + number).substr(1) + "_create-table"; }

void write_migrations(const Project& project) {
  for (int i = 0; i < count; ++i)
    project.migration(id_of(i), "-- one of many\ncreate table t" + to_string(i) + " (id integer, name varchar(100));\n",
                      "drop table t" + to_string(i) + "; -- what was made above\n");
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// "3 applied · 4 pending"
std::string standing(int applied, int pending) {
  return to_string(applied) + " applied · " + to_string(pending) + " pending";
}

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
  return found;
}

}  // namespace

TEST_CASE("status, plan and validate of thousands of migrations, none, half and all of them applied") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    write_migrations(project);

    CHECK(contains(project.must({"status"}), standing(0, count)));
    CHECK(contains(project.must({"validate"}),
                   "valid: " + to_string(count) + " migrations, 0 applied, " + to_string(count) + " pending"));
    const std::string plan = project.must({"plan"});
    CHECK(times(plan, "create table t") == count);
    CHECK(plan.find("create table t17 ") < plan.find("create table t18 "));
    CHECK(times(project.must({"plan", "--format", "json"}), "\"kind\": \"apply\"") == count);

    project.must({"baseline", id_of(count / 2 - 1), "--yes"});
    const std::string half = project.must({"status"});
    CHECK(contains(half, standing(count / 2, count / 2)));
    CHECK(times(half, " applied ") == count / 2 + 1);
    CHECK(times(project.must({"status", "--format", "json"}), "\"state\": \"pending\"") == count / 2);
    CHECK(
        contains(project.must({"validate"}), to_string(count / 2) + " applied, " + to_string(count / 2) + " pending"));
    CHECK(times(project.must({"plan"}), "create table t") == count / 2);

    project.must({"baseline", id_of(count - 1), "--yes"});
    CHECK(contains(project.must({"status"}), standing(count, 0)));
    CHECK(contains(project.must({"validate"}), to_string(count) + " applied, 0 pending"));
    CHECK(contains(project.must({"plan"}), "has all " + to_string(count) + " migrations"));
    CHECK(times(project.must({"history"}), "\n") > count);
  }
}

TEST_CASE("what is wrong with a few of thousands is found") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    write_migrations(project);
    project.must({"baseline", id_of(count / 2 - 1), "--yes"});
    project.write(id_of(7) + ".sql", "create table something_else (id integer, name varchar(100));\n");
    project.write(id_of(8) + ".undo.sql", "-- flux: no-such-directive\ndrop table t8; -- of an applied one\n");
    project.write(id_of(count - 1) + ".sql", "-- flux: draft\n");
    project.remove(id_of(9) + ".sql");
    project.remove(id_of(9) + ".undo.sql");
    project.write(id_of(10) + "-late.sql", "create table late (id integer);\n");

    const ProcessResult found = project.flux({"validate"});
    CHECK(found.exit_code == 3);
    for (const std::string& part :
         {id_of(7) + " has changed since", id_of(9) + " was applied on",
          id_of(10) + "-late is pending, but sorts before", std::string("it is still a draft"),
          std::string("unknown directive \"no-such-directive\"")})
      CHECK_MESSAGE(contains(found.err, part), part, "\n", found.err);
    const std::string status = project.flux({"status"}).out;
    CHECK(contains(status, standing(count / 2, count / 2 + 1)));
    for (const char* state : {"  changed ", "  missing ", "  pending, out of order"}) CHECK(times(status, state) == 1);
  }
}

TEST_CASE("scripts of applied migrations run as they are, though they were not kept in memory") {
  for (const auto& database : one_of_each()) {
    CAPTURE(database->backend());
    const Project project(*database);
    project.migration("1", "create table one (id integer, name varchar(100));\n",
                      "drop table one; -- as it was applied\n");
    project.migration("2", "create table two (id integer, name varchar(100));\n",
                      "drop table two; -- as it was applied\n");
    const std::string before = database->dump();
    project.must({"apply", "--yes"});
    project.write("2.undo.sql", "create table left_by_undo (id integer); drop table two; drop table left_by_undo;\n");
    CHECK(contains(project.must({"plan", "--rollback", "--all"}), "left_by_undo"));
    project.must({"rollback", "--all", "--yes"});
    CHECK(database->dump() == before);
  }
}

TEST_SUITE_END();
