#include <doctest/doctest.h>

#include <flux/core/history.hpp>
#include <stdexcept>

TEST_SUITE_BEGIN("history");

using namespace flux;

namespace {

HistoryRow full_row() {
  HistoryRow row;
  row.id = "a";
  row.hash = "sha256:" + std::string(32, '0') + std::string(32, 'f');
  row.state = RowState::interrupted;
  row.undo = "drop";
  row.applied_by = "me";
  row.flux_version = "1";
  row.applied_at = Timestamp(std::chrono::seconds(1'700'000'000));
  row.duration = std::chrono::milliseconds(7);
  row.run_id = "run";
  row.done_hash = "sha256:1";
  row.note = "a note";
  row.statements_started = 3;
  row.statements_done = 2;
  row.statements_total = 5;
  return row;
}

bool same(const HistoryRow& a, const HistoryRow& b) {
  return a.id == b.id && a.hash == b.hash && a.state == b.state && a.undo == b.undo && a.applied_by == b.applied_by &&
         a.flux_version == b.flux_version && a.applied_at == b.applied_at && a.duration == b.duration &&
         a.run_id == b.run_id && a.done_hash == b.done_hash && a.note == b.note &&
         a.statements_started == b.statements_started && a.statements_done == b.statements_done &&
         a.statements_total == b.statements_total;
}

}  // namespace

TEST_CASE("a row comes out of a history as it went in") {
  HistoryRow nothing;
  nothing.id = "b";
  HistoryRow counted = nothing;
  counted.statements_started = counted.statements_done = counted.statements_total = 4;
  HistoryRow odd_hash = nothing;
  odd_hash.hash = "sha256:" + std::string(64, 'F');  // no flux writes that
  HistoryRow md5 = nothing;
  md5.hash = std::string(32, 'a');
  HistoryRow slow = counted;
  slow.duration = std::chrono::hours(24 * 365);
  for (const HistoryRow& row : {full_row(), nothing, counted, odd_hash, md5, slow}) {
    CAPTURE(row.hash);
    const History history({row});
    REQUIRE(history.find(row.id) != nullptr);
    CHECK(same(history.find(row.id)->row(), row));
    CHECK((history.find(row.id)->digest() != nullptr) == (row.hash == full_row().hash));
  }
}

TEST_CASE("rows are found by id, in whatever order they came") {
  std::vector<HistoryRow> rows;
  for (const char* id : {"c", "a", "post-apply/x", "b"}) {
    HistoryRow row;
    row.id = id;
    row.run_id = id;
    if (row.id == "post-apply/x") row.state = RowState::repeatable;
    rows.push_back(row);
  }
  const History history(rows);
  REQUIRE(history.migrations().size() == 3);
  CHECK(history.migrations()[0].id == "a");
  CHECK(history.migrations()[2].run_id() == "c");
  CHECK(history.find("b") != nullptr);
  CHECK(history.find("post-apply/x") == nullptr);
  CHECK(history.find_repeatable("post-apply/x") != nullptr);
}

TEST_CASE("a row whose undo script was not read cannot be written again") {
  History history(UndoTexts::left_out);
  HistoryRow row = full_row();
  history.add(row);
  row.id = "without";
  row.undo.reset();
  history.add(row);
  history.sort();
  CHECK(history.find("a")->has_undo);
  CHECK_THROWS_AS(history.find("a")->row(), std::logic_error);
  CHECK(same(history.find("without")->row(), row));
}

TEST_CASE("what one command has noted in many rows is kept once") {
  HistoryRow row;
  row.note = "2026-01-31T12:00:00.000000Z ann: baseline: recorded as applied, not run";
  std::vector<HistoryRow> rows;
  for (const char* id : {"a", "b", "c"}) {
    row.id = id;
    if (row.id == "c") row.note = "another";
    rows.push_back(row);
  }
  const History history(rows);
  CHECK(history.find("a")->note()->data() == history.find("b")->note()->data());
  CHECK(history.find("c")->note() == "another");
}

TEST_CASE("a copy outlives the history that it was made of") {
  History copy;
  {
    const History history({full_row()});
    copy = history;
  }
  CHECK(same(copy.find("a")->row(), full_row()));
}

TEST_SUITE_END();
