// flux.batch.v1: many migrations without waiting between them.
#include "check.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

// A unit that makes thing `number` and writes a new row of that id.
UnitCall unit(const Scene& scene, int number) {
  UnitCall out;
  out.text = scene.script({scene.create(number)});
  out.row = Scene::row(std::to_string(number));
  out.row->flags = FLUX_ROW_NEW;
  return out;
}

UnitCall removal(const Scene& scene, int number) {
  UnitCall out = unit(scene, number);
  out.text = scene.script({scene.drop(number)});
  out.row->flags = 0;
  out.removes = true;
  return out;
}

void must_settle(const std::vector<std::size_t>& settled, std::size_t count) {
  std::vector<std::size_t> want;
  for (std::size_t i = 0; i < count; ++i) want.push_back(i);
  expect(settled == want, fmt::format("settled called for [{}], in order", fmt::join(want, ", ")),
         fmt::format("[{}]", fmt::join(settled, ", ")));
}

// Of `count` units the first `done` are there, script and row, and nothing of the others.
void must_be_done(const Scene& scene, int done, int count) {
  const auto other = scene.connected();
  const auto rows = scene.rows(*other);
  for (int i = 1; i <= count; ++i) {
    bool row = false;
    for (const Row& one : rows) row = row || one.id == std::to_string(i);
    expect(row == (i <= done), fmt::format("{} row of unit {}", i <= done ? "the" : "no", i - 1), row ? "one" : "none");
    expect(scene.has(*other, i) == (i <= done),
           fmt::format("{} of the script of unit {}", i <= done ? "the thing" : "nothing", i - 1),
           i <= done ? "it is not there" : "it is there");
  }
}

void applies(Scene& scene) {
  const auto instance = scene.ready();
  std::vector<std::size_t> settled;
  must(instance->apply_batch({unit(scene, 1), unit(scene, 2), unit(scene, 3)}, settled), "apply_batch");
  must_settle(settled, 3);
  must_be_done(scene, 3, 3);
}

void error_stops(Scene& scene) {
  const auto instance = scene.ready();
  UnitCall wrong = unit(scene, 3);
  wrong.text = scene.script({scene.create(3), scene.quirks().fail});
  std::vector<std::size_t> settled;
  must_be(FLUX_E_SCRIPT, instance->apply_batch({unit(scene, 1), unit(scene, 2), wrong, unit(scene, 4)}, settled),
          "apply_batch whose third script fails");
  must_settle(settled, 2);
  must_be_done(scene, 2, 4);
}

void conflict_new(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->register_row(Scene::row("taken")), "register_migration");
  UnitCall taken = unit(scene, 2);
  taken.row->id = "taken";
  taken.text = scene.script({scene.quirks().fail});  // told apart from the conflict by its code
  std::vector<std::size_t> settled;
  must_be(FLUX_E_CONFLICT, instance->apply_batch({unit(scene, 1), taken, unit(scene, 3)}, settled),
          "apply_batch whose second row is there already, before its script");
  must_settle(settled, 1);
  must_be_done(scene, 1, 3);
}

void conflict_removed(Scene& scene) {
  const auto instance = scene.ready();
  UnitCall missing = removal(scene, 2);
  missing.text = scene.script({scene.quirks().fail});
  std::vector<std::size_t> settled;
  must_be(FLUX_E_CONFLICT, instance->apply_batch({unit(scene, 1), missing, unit(scene, 3)}, settled),
          "apply_batch whose second row is not there to be deleted, before its script");
  must_settle(settled, 1);
  must_be_done(scene, 1, 3);
}

void removes(Scene& scene) {
  const auto instance = scene.ready();
  std::vector<std::size_t> settled;
  must(instance->apply_batch({unit(scene, 1), unit(scene, 2)}, settled), "apply_batch");
  must(instance->apply_batch({removal(scene, 2), removal(scene, 1)}, settled), "apply_batch that removes");
  must_settle(settled, 2);
  must_be_done(scene, 0, 2);
}

void in_transaction(Scene& scene) {
  const auto instance = scene.ready();
  std::vector<std::size_t> settled;
  must(instance->begin(), "begin");
  must(instance->apply_batch({unit(scene, 1), unit(scene, 2)}, settled), "apply_batch inside a transaction");
  must_settle(settled, 2);
  must(instance->rollback(), "rollback");
  must_be_done(scene, 0, 2);
}

void halves(Scene& scene) {
  const auto instance = scene.ready();
  UnitCall script_alone = unit(scene, 1), row_alone = unit(scene, 2), nothing;
  script_alone.row.reset();
  row_alone.text.reset();
  std::vector<std::size_t> settled;
  must(instance->apply_batch({script_alone, nothing, row_alone}, settled),
       "apply_batch of units without script or row");
  must_settle(settled, 3);
  expect(scene.has(*instance, 1) && scene.rows(*instance).size() == 1, "the thing and the row", "not both");
  must(instance->apply_batch({}, settled), "apply_batch of no unit");
  must_settle(settled, 0);
}

void stride(Scene& scene) {
  InstanceOptions options;
  options.sizes = StructSize::larger;
  const auto instance = scene.ready(options);
  std::vector<std::size_t> settled;
  must(instance->apply_batch({unit(scene, 1), unit(scene, 2), unit(scene, 3)}, settled),
       "apply_batch with a larger unit_size");
  must_settle(settled, 3);
  must_be_done(scene, 3, 3);
}

}  // namespace

std::vector<Check> batch_checks() {
  return {
      {"batch-applies", "apply_batch: each unit in order; settled called in order", needs_batch, applies},
      {"batch-error-stops", "apply_batch: nothing is left of the unit that fails, and none after it has run",
       needs_batch, error_stops},
      {"batch-conflict-new", "apply_batch: FLUX_ROW_NEW is found out before the script runs: FLUX_E_CONFLICT",
       needs_batch, conflict_new},
      {"batch-conflict-removed", "apply_batch: no row to be deleted is found out before the script runs", needs_batch,
       conflict_removed},
      {"batch-removes", "FLUX_UNIT_REMOVES: the row is deleted, not written", needs_batch, removes},
      {"batch-in-transaction", "apply_batch: inside a transaction of the host's, without begin and commit",
       needs_batch | needs_transactional_ddl, in_transaction},
      {"batch-halves", "flux_unit: script NULL: nothing runs; row NULL: the history stays as it is", needs_batch,
       halves},
      {"batch-stride", "apply_batch: unit_size is the stride of units", needs_batch, stride},
  };
}

}  // namespace flux::check
