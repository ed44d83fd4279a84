// list_history and initialize. The first checks want a target that never had a history.
#include <memory>

#include "check.hpp"
#include "helper.hpp"
#include "scene.hpp"
#include "snapshot.hpp"

namespace flux::check {
namespace {

void list_before_initialize(Scene& scene) {
  const auto instance = scene.connected();
  expect(scene.rows(*instance).empty() && scene.rows(*instance, "").empty(), "no rows without a history", "some");
}

void list_writes_nothing(Scene& scene) {
  constexpr const char* expected = "a listing that writes nothing";
  expect(!scene.listing_wrote(), expected, "a target that the first listing has changed");
  const auto instance = scene.connected();
  const std::string before = snapshot(scene);
  scene.rows(*instance);
  instance->disconnect();
  expect(snapshot(scene) == before, expected, "a target that has changed");
}

void initialize_raced(Scene& scene) {
  constexpr int processes = 6;
  std::vector<std::unique_ptr<Helper>> helpers;
  for (int i = 0; i < processes; ++i) {
    helpers.push_back(std::make_unique<Helper>([&](const Helper::Line& line) {
      const auto instance = scene.connected();
      line.say("ready");
      line.wait();
      scene.initialize(*instance);
      scene.rows(*instance);
      instance->disconnect();
      line.say("done");
    }));
  }
  for (const auto& helper : helpers) helper->ready();
  for (const auto& helper : helpers) helper->go();
  for (const auto& helper : helpers) helper->hear();
}

void initialize_twice(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->register_row(Scene::row("kept")), "register_migration");
  scene.initialize(*instance);
  const auto rows = scene.rows(*instance);
  expect(rows.size() == 1 && rows[0].undo == Scene::row("kept").undo,
         "the history as it was before the second initialize", fmt::format("{} rows", rows.size()));
}

void list_ten_thousand(Scene& scene) {
  constexpr std::size_t count = 10000;
  const auto instance = scene.ready();
  scene.in_transaction(*instance, [&] {
    for (std::size_t i = 0; i < count; ++i)
      must(instance->register_row(Scene::row(fmt::format("{:05}", i))), "register_migration");
  });
  const auto rows = scene.rows(*instance);
  expect(rows.size() == count, fmt::format("{} rows", count), fmt::format("{} rows", rows.size()));
  for (std::size_t i = 0; i < count; ++i)
    expect(rows[i].id == fmt::format("{:05}", i) && rows[i].undo == "undo " + rows[i].id,
           "each row once, as it was written", rows[i].id);
}

void list_stops(Scene& scene) {
  const auto instance = scene.ready();
  for (const char* id : {"1", "2", "3", "4"}) must(instance->register_row(Scene::row(id)), "register_migration");
  std::vector<Row> rows;
  for (const flux_status status : {flux_status{FLUX_E_STOP}, flux_status{FLUX_E_NOMEM}}) {
    must_be(status, instance->list(Scene::space, 0, rows, 2, status), "list_history whose emit has returned it");
    expect(rows.size() == 2, "no call of emit behind the one that wants to end", fmt::format("{} calls", rows.size()));
  }
  expect(scene.rows(*instance).size() == 4, "all rows in the next listing", std::to_string(rows.size()));
}

void list_without_undo(Scene& scene) {
  const auto instance = scene.ready();
  Row none = Scene::row("without");
  none.undo.reset();
  must(instance->register_row(none), "register_migration");
  must(instance->register_row(Scene::row("with")), "register_migration");
  for (const Row& row : scene.rows(*instance, Scene::space, 0)) {
    if (row.id == "with")
      expect(row.undo == "", "the empty text for an undo script that is not asked for",
             row.undo ? shown(*row.undo) : "none");
    else
      expect(!row.undo, "no undo script where the row has none", "one");
  }
}

void list_in_transaction(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->begin(), "begin");
  must(instance->register_row(Scene::row("inside")), "register_migration");
  const auto rows = scene.rows(*instance);
  must(instance->rollback(), "rollback");
  expect(rows.size() == 1, "the row of the open transaction", "none");
}

}  // namespace

std::vector<Check> history_list_checks() {
  return {
      {"list-before-initialize", "list_history: no history yet: no rows, FLUX_OK", 0, list_before_initialize},
      {"list-writes-nothing", "list_history: writes nothing", 0, list_writes_nothing},
      {"initialize-raced", "initialize: idempotent, also from several processes at once", 0, initialize_raced},
      {"initialize-twice", "initialize: idempotent: what is there stays as it is", 0, initialize_twice},
      {"list-ten-thousand", "list_history: emits every row", 0, list_ten_thousand, 180},
      {"list-stops", "flux_history_fn: a result other than FLUX_OK ends the listing, which then returns it", 0,
       list_stops},
      {"list-without-undo", "FLUX_LIST_UNDO_TEXTS: without it a row that has an undo script has the empty text", 0,
       list_without_undo},
      {"list-in-transaction", "list_history: sees what its own transaction has written", 0, list_in_transaction},
  };
}

}  // namespace flux::check
