// Ids of new migrations
#include "migration_id.hpp"

#include <doctest/doctest.h>

using namespace flux::cli;

TEST_SUITE_BEGIN("migration id");

TEST_CASE("a slug keeps letters and digits of every script") {
  struct Case {
    std::string name, slug;
  };
  for (const Case& c :
       {Case{"create users", "create-users"}, Case{"  Create   Users! ", "create-users"},
        Case{"größe & 用户", "größe-用户"}, Case{"a/b\\c..d", "a-b-c-d"}, Case{"snake_case", "snake_case"},
        Case{"!?", ""}, Case{"\xff", ""}, Case{"a\u2028b", "a-b"}, Case{"-x-", "x"}}) {
    CAPTURE(c.name);
    CHECK(slug(c.name) == c.slug);
  }
}

TEST_CASE("the next id is above every one of its day") {
  CHECK(next_id({}, "20260131", "x")->id == "20260131_001_x");
  CHECK(next_id({"20260131_001_a", "20260131_007_b", "20260130_050_c"}, "20260131", "x")->id == "20260131_008_x");
  CHECK(next_id({"20260131_abc", "notes"}, "20260131", "x")->id == "20260131_001_x");
}

TEST_CASE("the next id sorts after one that has a later day") {
  const auto id = next_id({"20261231_004_a"}, "20260131", "x");
  CHECK(id->id == "20261231_005_x");
  CHECK(id->newer == "");
}

TEST_CASE("where it cannot sort last it says after which") {
  const auto id = next_id({"v1", "v2", "20260131_001_a"}, "20260131", "x");
  CHECK(id->id == "20260131_002_x");
  CHECK(id->newer == "v2");
}

TEST_CASE("a day has 999 migrations") {
  CHECK(next_id({"20260131_998_a"}, "20260131", "x")->id == "20260131_999_x");
  CHECK_FALSE(next_id({"20260131_999_a"}, "20260131", "x").has_value());
}

TEST_SUITE_END();
