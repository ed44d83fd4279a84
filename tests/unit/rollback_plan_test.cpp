#include <doctest/doctest.h>

#include "sample.hpp"

TEST_SUITE_BEGIN("plan of a rollback");

using namespace flux;
using namespace flux::testing;

namespace {

RollbackRequest count(std::size_t n) {
  RollbackRequest request;
  request.count = n;
  return request;
}
RollbackRequest to(const char* id) {
  RollbackRequest request;
  request.to = id;
  return request;
}
RollbackRequest all() {
  RollbackRequest request;
  request.all = true;
  return request;
}
std::string planned(const MigrationSet& set, const History& history, const Request& request, const PlanOptions& options = {}) {
  return steps(make_plan(set, history, request, options));
}

}  // namespace

TEST_CASE("rolls back newest first, as far as asked") {
  const MigrationSet set = set_of({"a", "b", "c", "d"});
  const History history = history_of(set, {"a", "b", "c"});
  CHECK(planned(set, history, count(1)) == "undo c");
  CHECK(planned(set, history, count(2)) == "undo c, undo b");
  CHECK(planned(set, history, count(99)) == "undo c, undo b, undo a");
  CHECK(planned(set, history, count(0)) == "");
  CHECK(planned(set, history, to("b")) == "undo c, undo b");
  CHECK(planned(set, history, all()) == "undo c, undo b, undo a");
  CHECK(planned(set, {}, all()) == "");
}

TEST_CASE("must be told how far") {
  const MigrationSet set = set_of({"a"});
  const History history = history_of(set, {"a"});
  CHECK(refusal(set, history, RollbackRequest{}) == "usage: how far to roll back must be said");
  RollbackRequest both = count(1);
  both.all = true;
  CHECK(refusal(set, history, both) == "usage: a number, --to and --all exclude each other");
  CHECK(refusal(set, history, to("x")) == "usage: there is no migration x");
  CHECK(refusal(set_of({"a", "b"}), history, to("b")) == "usage: b is not applied");
}

TEST_CASE("every migration without undo is named before anything runs") {
  const MigrationSet set = set_of({"a!", "b", "c!"});
  const History history = history_of(set, {"a", "b", "c"});
  CHECK(refusal(set, history, all()) == "history: c has no undo script; a has no undo script");
  RollbackRequest forget = all();
  forget.forget_missing_undo = true;
  CHECK(planned(set, history, forget) == "forget c, undo b, forget a");
}

TEST_CASE("an irreversible migration is not even forgotten") {
  MigrationSet set = set_of({"a"});
  set.migrations[0].up = script("a.sql", "-- flux: irreversible\ncreate a");
  const History history;
  HistoryRow row;
  row.id = "a";
  row.hash = set.migrations[0].up->hash();
  RollbackRequest forget = all();
  forget.forget_missing_undo = true;
  CHECK(refusal(set, History({row}), forget) == "history: a is marked as irreversible");
}

TEST_CASE("the undo that the history keeps is used where the file is gone") {
  const MigrationSet full = set_of({"a", "b", "c"});
  const History history = history_of(full, {"a", "b", "c"});
  const MigrationSet older = set_of({"a"});
  const Plan plan = make_plan(older, history, count(1), {});
  REQUIRE(steps(plan) == "undo c");
  CHECK(plan.steps[0].undo_from_history);
  CHECK(plan.steps[0].script->text() == "drop c");
  CHECK(plan.warnings.size() == 1);  // b is missing, too, and stays

  const MigrationSet without_undo = set_of({"a", "b", "c!"});
  CHECK(make_plan(without_undo, history, count(1), {}).steps[0].undo_from_history);
}

TEST_CASE("the file comes before the history") {
  MigrationSet set = set_of({"a"});
  const History history = history_of(set, {"a"});
  set.migrations[0].undo = script("a.undo.sql", "drop a better");
  CHECK(make_plan(set, history, count(1), {}).steps[0].script->text() == "drop a better");
}

TEST_CASE("a changed migration stops it, a pending one out of order does not") {
  MigrationSet set = set_of({"a", "b", "c"});
  const History history = history_of(set, {"a", "c"});
  CHECK(planned(set, history, count(1)) == "undo c");
  set.migrations[0].up = script("a.sql", "changed");
  CHECK(refusal(set, history, count(1)).starts_with("history: a has changed"));
}

TEST_CASE("repeatables run around it unless that is switched off") {
  MigrationSet set = set_of({"a"});
  const History history = history_of(set, {"a"});
  add_repeatable(set, Phase::pre_apply, "one", "1");
  add_repeatable(set, Phase::post_apply, "two", "2");
  CHECK(planned(set, history, count(1)) == "pre-apply pre-apply/one, undo a, post-apply post-apply/two");
  CHECK(planned(set, {}, all()) == "");
  PlanOptions off;
  off.apply_repeatable_on_undo = false;
  CHECK(planned(set, history, count(1), off) == "undo a");
  RollbackRequest without = count(1);
  without.no_repeatable = true;
  CHECK(planned(set, history, without) == "undo a");
}

TEST_SUITE_END();
