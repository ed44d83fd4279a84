#include <doctest/doctest.h>

#include <flux/core/error.hpp>

#include "schema/toy.hpp"

using namespace flux;
using namespace flux::testing;

namespace {

using Steps = std::vector<std::string>;
using Facts = std::vector<ToyFact>;

const ToyFact table_a{"table a"}, table_b{"table b"};
const ToyFact column{"column a.x", "table a", {}, true, "integer"};

}  // namespace

TEST_SUITE_BEGIN("change plan");

TEST_CASE("what the way from one schema to another is") {
  struct Row {
    const char* what;
    Facts from, to;
    Steps steps;
    ToyDatabase database = {};
  };
  const std::vector<Row> rows = {
      {"nothing for nothing", {}, {}, {}},
      {"nothing where both are the same", {table_a, column}, {table_a, column}, {}},
      {"a table is made with its columns", {}, {table_a, column}, {"make table a(column a.x)"}},
      {"a table is dropped with its columns", {table_a, column}, {}, {"drop table a"}},
      {"a column comes alone", {table_a}, {table_a, column}, {"make column a.x"}},
      {"a column goes alone", {table_a, column}, {table_a}, {"drop column a.x"}},
      {"what needs something comes behind it, whatever its place", {}, {{"view v", "", {"table a"}}, table_a}, {"make table a", "make view v"}},
      {"what needs something goes before it", {table_a, {"view v", "", {"table a"}}}, {}, {"drop view v", "drop table a"}},
      {"what is needed by a column is needed by its table",
       {}, {table_a, {"column a.x", "table a", {"function f"}, true}, {"function f"}}, {"make function f", "make table a(column a.x)"}},
      {"what belongs to a table goes with it", {table_a, {"index i", "table a"}}, {}, {"drop table a"}},
      {"what belongs to a table comes behind it", {}, {{"index i", "table a"}, table_a}, {"make table a", "make index i"}},
      {"one is altered", {{"view v", "", {}, false, "1"}}, {{"view v", "", {}, false, "2"}}, {"alter view v"}},
      {"one that cannot be is dropped and made",
       {{"view v", "", {}, false, "1"}}, {{"view v", "", {}, false, "2"}}, {"drop view v", "make view v"}, {{"view v"}}},
      {"with what depends on it, and what depends on that",
       {table_a, {"view v", "", {"table a"}, false, "1"}, {"view w", "", {"view v"}}},
       {table_a, {"view v", "", {"table a"}, false, "2"}, {"view w", "", {"view v"}}},
       {"drop view w", "drop view v", "make view v", "make view w"}, {{"view v"}}},
      {"altering a column rebuilds what does not survive it",
       {table_a, column, {"view v", "", {"column a.x"}}, {"index i", "table a", {"~column a.x"}}},
       {table_a, {"column a.x", "table a", {}, true, "text"}, {"view v", "", {"column a.x"}}, {"index i", "table a", {"~column a.x"}}},
       {"drop view v", "alter column a.x", "make view v"}, {{}, {}, {"column a.x"}}},
      {"what depends on a survivor may not survive",
       {{"type t", "", {}, false, "1"}, table_a, {"column a.x", "table a", {"~type t"}, true}, {"view v", "", {"column a.x"}}},
       {{"type t", "", {}, false, "2"}, table_a, {"column a.x", "table a", {"~type t"}, true}, {"view v", "", {"column a.x"}}},
       {"drop view v", "alter type t", "make view v"}, {{}, {}, {"type t"}}},
      {"a part that cannot be changed alone changes with its table, and all parts with it",
       {table_a, column, {"column a.y", "table a", {}, true, "1"}},
       {table_a, {"column a.x", "table a", {}, true, "text"}, {"column a.y", "table a", {}, true, "2"}},
       {"remake table a"}, {{"column a.x"}, {"column a.x"}}},
      {"a part that cannot come alone makes its table change", {table_a}, {table_a, column}, {"remake table a"}, {{}, {"column a.x"}}},
      {"what belongs to a table that changes as a whole is made again",
       {table_a, {"index i", "table a"}}, {table_a, column, {"index i", "table a"}},
       {"drop index i", "remake table a", "make index i"}, {{}, {"column a.x"}}},
      {"a name is free before it is taken by another kind", {{"table n"}}, {{"view n"}}, {"drop table n", "make view n"}},
      {"tables that refer to each other: one reference comes behind both",
       {}, {table_a, {"reference a.b", "table a", {"table b"}}, table_b, {"reference b.a", "table b", {"table a"}}},
       {"make table a", "make table b", "make reference a.b", "make reference b.a"}},
      {"and goes before both",
       {table_a, {"reference a.b", "table a", {"table b"}}, table_b, {"reference b.a", "table b", {"table a"}}}, {},
       {"drop reference b.a", "drop table a", "drop table b"}},
      {"a default that calls a function of its own table comes behind both",
       {}, {table_a, {"default a.x", "table a", {"function f"}, true}, {"function f", "", {"table a"}}},
       {"make table a", "make function f", "make default a.x"}},
      {"what belonged to something else of the same name goes with that, and comes again",
       {{"view n"}, {"rule r", "view n"}}, {{"table n"}, {"rule r", "table n"}}, {"drop view n", "make table n", "make rule r"}},
      {"what has moved from a table to one of its columns stays",
       {table_a, column, {"check c", "table a", {}, true}}, {table_a, column, {"check c", "column a.x", {}, true}}, {}},
      {"a change comes before what goes because of it",
       {{"function f"}, {"view v", "", {"function f"}, false, "1"}}, {{"view v", "", {}, false, "2"}}, {"alter view v", "drop function f"}},
      {"what a change needs comes before it",
       {{"view v", "", {}, false, "1"}}, {{"view v", "", {"function f"}, false, "2"}, {"function f"}}, {"make function f", "alter view v"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(toy_plan(toy_schema(row.from), toy_schema(row.to), row.database) == row.steps);
  }
}

TEST_CASE("what is not modelled is neither made nor dropped") {
  Schema from, to;
  Fact fact;
  fact.name = {"operator", "+"};
  fact.unmodelled = true;
  from.add(fact);
  fact.name.identity = "-";
  to.add(fact);
  CHECK(toy_plan(from, to).empty());
}

TEST_CASE("a circle that cannot be opened is named") {
  const Schema to = toy_schema({{"view v", "", {"view w"}}, {"view w", "", {"view v"}}});
  try {
    toy_plan(Schema(), to);
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::backend);
    CHECK(error.failures().front().detail.find("view v") != std::string::npos);
    CHECK(error.failures().front().detail.find("view w") != std::string::npos);
  }
}

TEST_CASE("a chain of thousands is ordered in no time") {
  std::vector<ToyFact> facts;
  for (int i = 5000; i-- > 0;) {
    std::vector<std::string> needs;
    if (i > 0) needs.push_back("view v" + std::to_string(i - 1));
    facts.push_back({"view v" + std::to_string(i), "", needs});
  }
  const Steps steps = toy_plan(Schema(), toy_schema(facts));
  REQUIRE(steps.size() == 5000);
  CHECK(steps.front() == "make view v0");
  CHECK(steps.back() == "make view v4999");
}

TEST_SUITE_END();
