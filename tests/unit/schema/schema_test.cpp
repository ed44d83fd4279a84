#include <doctest/doctest.h>

#include <flux/core/error.hpp>
#include <flux/core/schema/diff.hpp>
#include <flux/core/schema/file_layout.hpp>
#include <flux/core/schema/renames.hpp>
#include <flux/core/schema/settle.hpp>
#include <flux/core/schema/snapshot.hpp>

#include "schema/toy.hpp"

using namespace flux;
using namespace flux::testing;

TEST_SUITE_BEGIN("schema");

TEST_CASE("a fact that is emitted twice is an error of the backend") {
  Schema schema = toy_schema({{"table a"}});
  Fact again;
  again.name = {"table", "a"};
  CHECK_THROWS_AS(schema.add(again), Error);
}

TEST_CASE("differences leave out what belongs to a fact on one side alone, and say what is other") {
  const Schema from = toy_schema({{"table a"}, {"column a.x", "table a", {}, true, "integer"}, {"table old"}, {"column old.x", "table old", {}, true}});
  const Schema to = toy_schema({{"table a"}, {"column a.x", "table a", {}, true, "text"}, {"table new"}, {"index i", "table new"}});
  std::vector<std::string> found;
  for (const Difference& d : differences(from, to)) found.push_back((d.from == nullptr ? "+" : d.to == nullptr ? "-" : "~") + words(d.fact().name));
  CHECK(found == std::vector<std::string>{"~column a.x", "+table new", "-table old"});
  const std::vector<Detail> other = details(differences(from, to).front());
  REQUIRE(other.size() == 1);
  CHECK(other.front().name == "");
  CHECK(other.front().from == "integer");
  CHECK(other.front().to == "text");
}

TEST_CASE("a snapshot holds all of a schema, in stable bytes") {
  Schema schema = toy_schema({{"table a"}, {"column a.x", "table a", {"~type t", "table b"}, true, "say \"hello\"\n"}});
  Fact fact;
  fact.name = {"index", "public.i"};
  fact.schema = "public";
  fact.object = "i";
  fact.properties = {{"method", "btree"}, {"unique", "yes"}};
  fact.unmodelled = true;
  schema.add(fact);
  const std::string text = snapshot_text(schema, "toy");
  const Schema again = read_snapshot(text, "toy", "s.json");
  CHECK(snapshot_text(again, "toy") == text);
  CHECK(differences(schema, again).empty());
  CHECK(again.find({"column", "a.x"})->dependencies.front().survives);
}

TEST_CASE("what is no snapshot of this backend is refused, naming the file") {
  const std::string good = snapshot_text(toy_schema({{"table a"}}), "toy");
  std::string newer = good, bare = "{\"flux_schema\": 1, \"backend\": \"toy\"}";
  newer.replace(newer.find("\"flux_schema\": 1"), 16, "\"flux_schema\": 2");
  for (const auto& [text, backend, what] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"", "toy", "no snapshot"}, {"[]", "toy", "no snapshot"}, {newer, "toy", "version 2"}, {good, "other", "of the backend toy"}, {bare, "toy", "no snapshot"}}) {
    CAPTURE(text);
    try {
      read_snapshot(text, backend, "s.json");
      FAIL("nothing was thrown");
    } catch (const Error& error) {
      const std::string message = error.what();
      CHECK(message.find("s.json") != std::string::npos);
      CHECK(message.find(what) != std::string::npos);
    }
  }
}

TEST_CASE("each object is a file of its own, by kind, with what belongs to it, whatever its name") {
  const Schema schema = toy_schema({{"table a"}, {"index i", "table a"}, {"view ../v", "", {"table a"}}, {"policy P"}, {"policy p"}});
  const auto files = schema_files(schema, ToyDatabase().change(), "sql");
  std::map<std::string, std::string> wanted{{"tables/a.sql", "make table a;\n\nmake index i;\n"},
                                            {"views/%2E.%2Fv.sql", "make view ../v;\n"},
                                            {"policies/P.sql", "make policy P;\n"},
                                            {"policies/p~2.sql", "make policy p;\n"}};
  CHECK(files == wanted);
}

TEST_CASE("texts that become the same by being replayed are the same") {
  // A database that says "a" once it is told "(a)".
  const Replay replay = [](const Schema& facts) {
    Schema out;
    for (Fact fact : facts.facts()) {
      if (fact.definition.size() > 2 && fact.definition.front() == '(') fact.definition = fact.definition.substr(1, fact.definition.size() - 2);
      out.add(std::move(fact));
    }
    return out;
  };
  struct Row {
    const char *from, *to;
    bool same;
  };
  for (const Row& row : {Row{"(a)", "a", true}, Row{"a", "(a)", true}, Row{"((a))", "(a)", true}, Row{"((a))", "a", true}, Row{"(a)", "b", false}, Row{"a", "a", true}}) {
    CAPTURE(row.from);
    CAPTURE(row.to);
    const Schema from = toy_schema({{"check c", "", {}, false, row.from}}), to = toy_schema({{"check c", "", {}, false, row.to}});
    CHECK(differences(settled(from, to, replay), to).empty() == row.same);
  }
}

TEST_CASE("nothing is replayed where no text differs, and a replay that fails leaves the difference") {
  const Schema a = toy_schema({{"check c", "", {}, false, "1"}}), b = toy_schema({{"check c", "", {}, false, "2"}, {"check d"}});
  const Replay fails = [](const Schema&) -> Schema { throw Error(Failure{ErrorCode::script, "no"}); };
  CHECK(differences(settled(a, a, fails), a).empty());
  CHECK(differences(settled(a, b, fails), b).size() == 2);
}

TEST_CASE("a rename is likely where one thing has gone and one like it has come") {
  const ChangeFunction change = ToyDatabase().change();
  const auto table = [](const std::string& name, const std::string& type) {
    return std::vector<ToyFact>{{"table " + name}, {"column " + name + ".x", "table " + name, {}, true, type}};
  };
  CHECK(likely_renames(toy_schema(table("old", "int")), toy_schema(table("new", "int")), change).empty());  // their columns are called otherwise
  CHECK(likely_renames(toy_schema({{"view old", "", {}, false, "1"}}), toy_schema({{"view new", "", {}, false, "1"}}), change).size() == 1);
  CHECK(likely_renames(toy_schema({{"view old", "", {}, false, "1"}}), toy_schema({{"view new", "", {}, false, "2"}}), change).empty());
  CHECK(likely_renames(toy_schema({{"view old"}, {"view older"}}), toy_schema({{"view new"}}), change).empty());
  const ToyDatabase fixed{{"view new"}};
  CHECK(likely_renames(toy_schema({{"view old"}}), toy_schema({{"view new"}}), fixed.change()).empty());
}

TEST_CASE("a name that follows from a rename is renamed along, and nothing else is") {
  const std::vector<Rename> done{{{"table", "bills"}, {"table", "orders"}, "bills", "orders"}};
  const auto implied = [&](const std::string& old, const std::string& now, const std::string& text = "1") {
    const Schema from = toy_schema({{"table orders"}, {"key " + old, "table orders", {}, false, "1"}});
    const Schema to = toy_schema({{"table orders"}, {"key " + now, "table orders", {}, false, text}});
    return implied_rename(done, from, to).has_value();
  };
  CHECK(implied("bills_pkey", "orders_pkey"));
  CHECK(implied("a_bills", "a_orders"));
  CHECK_FALSE(implied("bills_pkey", "orders_key"));
  CHECK_FALSE(implied("mybills_pkey", "myorders_pkey"));
  CHECK_FALSE(implied("bills_pkey", "orders_pkey", "2"));
}

TEST_SUITE_END();
