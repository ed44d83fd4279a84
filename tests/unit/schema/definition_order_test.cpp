#include <doctest/doctest.h>

#include "schema/definition_order.hpp"

using namespace flux;

namespace {

// One statement a line of a file; "makes a" and "uses b" are all that there is to say about it.
std::vector<Definition> definitions(const std::vector<std::pair<std::string, std::vector<std::string>>>& statements) {
  std::string text;
  std::vector<Definition> out;
  for (const auto& [makes, uses] : statements) text += "-- about it\nmake " + makes + ";\n";
  const ScriptPtr file = Script::make("s.sql", text);
  std::size_t at = 0;
  for (const auto& [makes, uses] : statements) {
    Definition definition{file, {at, 12 + 5 + makes.size()}, {{FLUX_MENTION_DEFINES, "table", makes}}};
    for (const std::string& name : uses) definition.mentions.push_back({FLUX_MENTION_USES, "", name});
    at += 12 + 5 + makes.size() + 2;
    out.push_back(std::move(definition));
  }
  return out;
}

std::string order(const std::vector<std::pair<std::string, std::vector<std::string>>>& statements) {
  std::string out;
  for (const Definition& definition : in_load_order(definitions(statements))) out += (out.empty() ? "" : " ") + definition.mentions.front().name;
  return out;
}

}  // namespace

TEST_SUITE_BEGIN("definition order");

TEST_CASE("what is used comes first, else the order stays") {
  CHECK(order({{"a", {}}, {"b", {}}}) == "a b");
  CHECK(order({{"a", {"b"}}, {"b", {}}}) == "b a");
  CHECK(order({{"a", {"b"}}, {"b", {"c"}}, {"c", {}}}) == "c b a");
  CHECK(order({{"a", {"elsewhere"}}, {"b", {}}}) == "a b");
  CHECK(order({{"a", {"*"}}, {"b", {"c"}}, {"c", {}}}) == "c b a");
}

TEST_CASE("a name without its schema may be any, one with it is that alone") {
  CHECK(order({{"v", {"a"}}, {"public.a", {}}}) == "public.a v");
  CHECK(order({{"v", {"public.a"}}, {"a", {}}}) == "a v");
  CHECK(order({{"v", {"x.a"}}, {"y.a", {}}}) == "v y.a");
  CHECK(order({{"v", {"a.id"}}, {"a", {}}}) == "a v");
}

TEST_CASE("a circle is begun at its first statement") { CHECK(order({{"a", {"b"}}, {"b", {"a"}}, {"c", {"a"}}}) == "a b c"); }

TEST_CASE("what is defined twice is named with both places") {
  const std::vector<Failure> twice = defined_twice(definitions({{"a", {}}, {"b", {}}, {"a", {}}}));
  REQUIRE(twice.size() == 1);
  CHECK(twice[0].message == "table a is defined a second time");
  CHECK(twice[0].where->line == 6);
  CHECK(twice[0].hint.find("s.sql:2") != std::string::npos);
}

TEST_CASE("two definitions that need each other are named") {
  const std::vector<Definition> list = definitions({{"a", {"b"}}, {"b", {"a"}}, {"c", {"a"}}});
  CHECK(needed_back(list, 0, {0, 1, 2})->find("s.sql:4 need each other") != std::string::npos);
  CHECK_FALSE(needed_back(list, 2, {0, 1, 2}).has_value());
}

TEST_SUITE_END();
