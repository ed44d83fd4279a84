// What becomes of scripts whose backend promises nothing: no transactions for DDL, and no splitter.
#include <doctest/doctest.h>

#include "fixture.hpp"

using namespace flux::testing;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

ProcessResult apply(const LoadingFixture& fixture, const std::string& backend) {
  write_file(fixture.project() / "flux.toml",
             "[flux]\nbackend = \"" + backend + "\"\nmigration_directory = \"migrations\"\ndatabase_uri = \"x:\"\n");
  write_file(fixture.project() / "migrations/01.sql", "one\ntwo\n");
  return fixture.flux({"apply", "--yes"}, {{"FLUX_BACKEND_PATH", fixture.backends().string()}});
}

}  // namespace

TEST_SUITE_BEGIN("parts");

TEST_CASE("a script that nobody can split is one statement, and in doubt where it fails") {
  const LoadingFixture fixture;
  fixture.put("good");
  fixture.put("apply_fails");
  CHECK(apply(fixture, "good").exit_code == 0);
  const ProcessResult result = apply(fixture, "apply_fails");
  CAPTURE(result.err);
  CHECK(result.exit_code == 7);
  CHECK(contains(result.err, "in statement 1 of 1; none is done"));
  CHECK(contains(result.err, "--statement-redo"));
}

TEST_SUITE_END();
