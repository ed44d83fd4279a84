#include <doctest/doctest.h>

#include <flux/core/hash.hpp>
#include <flux/core/verify.hpp>

#include "sample.hpp"

TEST_SUITE_BEGIN("verify");

using namespace flux;
using namespace flux::testing;

namespace {

std::string findings(const MigrationSet& set, const History& history) {
  std::string out;
  for (const Finding& f : verify(set, history)) out += (out.empty() ? "" : ", ") + std::string(name(f.kind)) + " " + f.id;
  return out.empty() ? "none" : out;
}

}  // namespace

TEST_CASE("directory and history that agree give no finding") {
  const MigrationSet set = set_of({"a", "b", "c"});
  CHECK(findings(set, {}) == "none");
  CHECK(findings(set, history_of(set, {"a"})) == "none");
  CHECK(findings(set, history_of(set, {"a", "b", "c"})) == "none");
  CHECK(findings({}, {}) == "none");
}

TEST_CASE("everything that is at odds is found, by id") {
  MigrationSet set = set_of({"a", "b", "d", "e"});
  const History history = history_of(set, {"a", "c", "d"});
  set.migrations[0].up = script("a.sql", "create a differently");
  CHECK(findings(set, history) == "changed a, out_of_order b, missing c");
}

TEST_CASE("a gap in the history is a pending migration before the newest applied one") {
  const MigrationSet set = set_of({"a", "b", "c"});
  const auto found = verify(set, history_of(set, {"a", "c"}));
  REQUIRE(found.size() == 1);
  CHECK(found[0].other_id == "c");
  CHECK(failure(found[0]).message == "b is pending, but sorts before c, which is applied");
}

TEST_CASE("a hash of the Python tool is compared as MD5") {
  const MigrationSet set = set_of({"a"});
  HistoryRow row;
  row.id = "a";
  row.hash = hash_like("create a", std::string(32, '0'));
  CHECK(findings(set, History({row})) == "none");
  row.hash = hash_like("create b", std::string(32, '0'));
  const auto found = verify(set, History({row}));
  REQUIRE(found.size() == 1);
  CHECK(found[0].current_hash == hash_like("create a", row.hash));
}

TEST_CASE("an interrupted migration is found, whether its file is there or not") {
  const MigrationSet set = set_of({"a"});
  HistoryRow a, b;
  a.id = "a";
  b.id = "b";
  a.state = b.state = RowState::interrupted;
  CHECK(findings(set, History({a, b})) == "interrupted a, interrupted b");
  CHECK(failure(verify(set, History({a}))[0]).code == ErrorCode::interrupted);
}

TEST_CASE("a file that could not be read is not missing as well") {
  MigrationSet set = set_of({"b"});
  set.unread = {"a"};
  CHECK(findings(set, history_of(set, {"a", "b"})) == "none");
}

TEST_CASE("a renamed file is recognised by its text") {
  MigrationSet set = set_of({"b", "c"});
  set.migrations[0].up = script("b.sql", "create a");
  const auto found = verify(set, history_of(set, {"a"}));
  REQUIRE(found.size() == 1);
  CHECK(failure(found[0]).hint == "b has its text: if it was renamed, give it back its old name");
}

TEST_CASE("rows of repeatables are no migrations") {
  HistoryRow row;
  row.id = "post-apply/views";
  row.state = RowState::repeatable;
  CHECK(findings(set_of({"a"}), History({row})) == "none");
}

TEST_SUITE_END();
