#include <doctest/doctest.h>

#include "sample.hpp"

TEST_SUITE_BEGIN("plan of an apply");

using namespace flux;
using namespace flux::testing;

namespace {

ApplyRequest count(std::size_t n) {
  ApplyRequest request;
  request.count = n;
  return request;
}
ApplyRequest to(const char* id) {
  ApplyRequest request;
  request.to = id;
  return request;
}
std::string planned(const MigrationSet& set, const History& history, const Request& request) {
  return steps(make_plan(set, history, request, {}));
}

}  // namespace

TEST_CASE("applies what is pending, as far as asked") {
  const MigrationSet set = set_of({"a", "b", "c"});
  CHECK(planned(set, {}, ApplyRequest{}) == "apply a, apply b, apply c");
  CHECK(planned(set, history_of(set, {"a"}), ApplyRequest{}) == "apply b, apply c");
  CHECK(planned(set, history_of(set, {"a"}), count(1)) == "apply b");
  CHECK(planned(set, {}, count(0)) == "");
  CHECK(planned(set, {}, count(99)) == "apply a, apply b, apply c");
  CHECK(planned(set, {}, to("b")) == "apply a, apply b");
  CHECK(planned(set, history_of(set, {"a", "b"}), to("a")) == "");
  CHECK(planned(set, history_of(set, {"a", "b", "c"}), ApplyRequest{}) == "");
}

TEST_CASE("keeps the undo script and counts what there is") {
  const MigrationSet set = set_of({"a", "b!"});
  const Plan plan = make_plan(set, {}, ApplyRequest{}, {});
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].undo->text() == "drop a");
  CHECK(plan.steps[1].undo == nullptr);
  CHECK(plan.pending == 2);
  CHECK(plan.applied == 0);
}

TEST_CASE("an unknown id is a wrong question") {
  const MigrationSet set = set_of({"20260101_001_users", "20260101_002_orders"});
  CHECK(refusal(set, {}, to("nothing")) == "usage: there is no migration nothing");
  try {
    make_plan(set, {}, to("orders"), {});
    FAIL("it was planned");
  } catch (const Error& error) {
    CHECK(error.failures()[0].hint == "did you mean 20260101_002_orders?");
  }
}

TEST_CASE("repeatables run around every batch, even where nothing is pending") {
  MigrationSet set = set_of({"a"});
  add_repeatable(set, Phase::pre_apply, "drop_views", "drop view v");
  add_repeatable(set, Phase::post_apply, "views", "create view v");
  CHECK(planned(set, {}, ApplyRequest{}) == "pre-apply pre-apply/drop_views, apply a, post-apply post-apply/views");
  CHECK(planned(set, history_of(set, {"a"}), ApplyRequest{}) == "pre-apply pre-apply/drop_views, post-apply post-apply/views");
}

TEST_CASE("run=on-change runs only what has changed since its last run") {
  MigrationSet set = set_of({"a"});
  add_repeatable(set, Phase::post_apply, "views", "-- flux: run=on-change\ncreate view v");
  HistoryRow last;
  last.id = "post-apply/views";
  last.state = RowState::repeatable;
  last.hash = "sha256:other";
  CHECK(planned(set, History({last}), count(0)) == "post-apply post-apply/views");
  last.hash = set.repeatables[0].script->hash();
  CHECK(planned(set, History({last}), count(0)) == "");
}

TEST_CASE("out of order is refused unless it is allowed") {
  const MigrationSet set = set_of({"a", "b", "c"});
  const History history = history_of(set, {"a", "c"});
  CHECK(refusal(set, history, ApplyRequest{}) == "history: b is pending, but sorts before c, which is applied");
  ApplyRequest allowed;
  allowed.allow_out_of_order = true;
  CHECK(planned(set, history, allowed) == "apply b");
}

TEST_CASE("all that stands against it is listed") {
  MigrationSet set = set_of({"a", "b", "c"});
  const History history = history_of(set, {"b", "x"});
  set.migrations[1].up = script("b.sql", "changed");
  Failure problem;
  problem.code = ErrorCode::directory;
  problem.message = "a folder is a problem";
  set.problems.push_back(problem);
  const std::string text = refusal(set, history, ApplyRequest{});
  CAPTURE(text);
  CHECK(text.starts_with("directory: a folder is a problem; a is pending, but sorts before x"));
  CHECK(text.find("b has changed since it was applied") != std::string::npos);
  CHECK(text.find("x was applied on 2023-11-14T22:13:20.000000Z, but its file is missing") != std::string::npos);
}

TEST_CASE("an interrupted migration alone has a code of its own") {
  const MigrationSet set = set_of({"a", "b"});
  HistoryRow row;
  row.id = "a";
  row.hash = script("a", "create a")->hash();
  row.state = RowState::interrupted;
  CHECK(refusal(set, History({row}), ApplyRequest{}).starts_with("interrupted: a was interrupted"));
}

TEST_CASE("what is wrong inside a script stops only who would run it") {
  MigrationSet set = set_of({"a", "b"});
  const auto broken = Script::copy(set.migrations[1].up);
  broken->edit().problems.push_back(Failure{ErrorCode::directory, "b is broken"});
  set.migrations[1].up = broken;
  CHECK(refusal(set, {}, ApplyRequest{}) == "directory: b is broken");
  CHECK(planned(set, {}, count(1)) == "apply a");

  const auto broken_undo = Script::copy(set.migrations[0].undo);
  broken_undo->edit().problems.push_back(Failure{ErrorCode::directory, "the undo is broken"});
  set.migrations[0].undo = broken_undo;
  const Plan plan = make_plan(set, {}, count(1), {});
  REQUIRE(plan.warnings.size() == 1);
  CHECK(plan.warnings[0].find("the undo is broken") != std::string::npos);
}

TEST_CASE("a blank script is planned with a warning") {
  MigrationSet set = set_of({"a"});
  set.migrations[0].up = script("a.sql", " \n");
  CHECK(make_plan(set, {}, ApplyRequest{}, {}).warnings == std::vector<std::string>{"migrations/a.sql is blank: nothing will run"});
}

TEST_SUITE_END();
