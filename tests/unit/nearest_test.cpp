#include <doctest/doctest.h>

#include <flux/core/config.hpp>

TEST_SUITE_BEGIN("nearest");

TEST_CASE("a slip is recognised, another word is not") {
  const std::vector<std::string> known = {"backend", "migration_directory", "lock_timeout", "namespace"};
  const auto nearest = [&](const char* word) { return flux::nearest(word, known).value_or("none"); };
  CHECK(nearest("bakend") == "backend");
  CHECK(nearest("migrations_directory") == "migration_directory");
  CHECK(nearest("directory") == "migration_directory");
  CHECK(nearest("locktimeout") == "lock_timeout");
  CHECK(nearest("colour") == "none");
  CHECK(nearest("") == "none");
}

TEST_SUITE_END();
