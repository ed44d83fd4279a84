// begin, commit and rollback, and what a second connection sees of them.
#include "check.hpp"
#include "helper.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

// begin, a thing and a row; nothing ends it.
void open_transaction(const Scene& scene, Instance& instance) {
  must(instance.begin(), "begin");
  must(instance.apply(scene.script({scene.create(1)})), "apply inside a transaction");
  must(instance.register_row(Scene::row("inside")), "register_migration inside a transaction");
}

void must_have(const Scene& scene, bool there, const std::string& what) {
  const auto other = scene.connected();
  const bool row = !scene.rows(*other).empty();
  expect(row == there, fmt::format("{} row {}, seen from a second connection", there ? "the" : "no", what),
         row ? "one" : "none");
}

void must_have_thing(const Scene& scene, bool there, const std::string& what) {
  const auto other = scene.connected();
  const bool thing = scene.has(*other, 1);
  expect(thing == there,
         fmt::format("{} of the script {}, seen from a second connection", there ? "the thing" : "nothing", what),
         thing ? "it is there" : "it is not there");
}

void begin_twice(Scene& scene) {
  const auto instance = scene.ready();
  open_transaction(scene, *instance);
  must_be(FLUX_E_STATE, instance->begin(), "begin inside a transaction");
  must(instance->commit(), "commit of the transaction that was begun first");
  must_have(scene, true, "behind commit");
}

void commit_without_begin(Scene& scene) {
  const auto instance = scene.ready();
  must_be(FLUX_E_STATE, instance->commit(), "commit without begin");
  open_transaction(scene, *instance);
  must(instance->commit(), "commit");
  must_be(FLUX_E_STATE, instance->commit(), "a second commit");
}

void rollback_without_begin(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->rollback(), "rollback without begin");
  must(instance->rollback(), "rollback without begin, again");
}

void commit_keeps(Scene& scene) {
  const auto instance = scene.ready();
  open_transaction(scene, *instance);
  must(instance->commit(), "commit");
  must_have(scene, true, "behind commit");
  must_have_thing(scene, true, "behind commit");
}

void rollback_undoes_rows(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->register_row(Scene::row("before")), "register_migration");
  must(instance->begin(), "begin");
  must(instance->unregister(Scene::space, "before"), "unregister_migration");
  must(instance->register_row(Scene::row("inside")), "register_migration");
  must(instance->rollback(), "rollback");
  const auto other = scene.connected();
  const auto rows = scene.rows(*other);
  expect(rows.size() == 1 && rows[0].id == "before", "the history as it was before begin",
         fmt::format("{} rows", rows.size()));
}

void rollback_undoes_scripts(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->apply(scene.script({scene.create(2)})), "apply");
  must(instance->begin(), "begin");
  must(instance->apply(scene.script({scene.create(1), scene.drop(2)})), "apply inside a transaction");
  must(instance->rollback(), "rollback");
  must_have_thing(scene, false, "behind rollback");
  const auto other = scene.connected();
  expect(scene.has(*other, 2), "what the script has dropped there again", "it is not there");
}

void rollback_after_failure(Scene& scene) {
  const auto instance = scene.ready();
  open_transaction(scene, *instance);
  must_be(FLUX_E_SCRIPT, instance->apply(scene.script({scene.create(2), scene.quirks().fail})),
          "apply of a script that fails");
  must(instance->rollback(), "rollback behind a script that has failed");
  must_have(scene, false, "behind rollback");
  must_have_thing(scene, false, "behind rollback");
  open_transaction(scene, *instance);
  must(instance->commit(), "commit of the next transaction");
  must_have(scene, true, "of the next transaction");
}

void undone_by(Scene& scene, const std::string& what, const std::function<void(Helper&)>& end) {
  Helper other([&](const Helper::Line& line) {
    const auto instance = scene.ready();
    open_transaction(scene, *instance);
    line.say("ready");
    line.wait();
    instance->disconnect();
    line.say("done");
    line.wait();
  });
  other.ready();
  end(other);
  // A server notices the end of a process in its own time.
  const auto instance = scene.connected();
  if (scene.subject().can(FLUX_CAP_LOCK)) must(instance->lock(10000), "lock");
  must_have(scene, false, "behind " + what);
  must_have_thing(scene, false, "behind " + what);
}

void undone_by_kill(Scene& scene) {
  undone_by(scene, "kill -9", [](Helper& other) { other.kill(); });
}

void undone_by_disconnect(Scene& scene) {
  undone_by(scene, "disconnect", [](Helper& other) {
    other.go();
    other.hear();
  });
}

void many_in_one(Scene& scene) {
  const auto instance = scene.ready();
  must(instance->begin(), "begin");
  for (int i = 1; i <= 3; ++i) {
    must(instance->apply(scene.script({scene.create(i)})), "apply inside a transaction");
    must(instance->register_row(Scene::row(std::to_string(i))), "register_migration inside a transaction");
  }
  must(instance->rollback(), "rollback");
  must_have(scene, false, "behind rollback");
  must_have_thing(scene, false, "behind rollback");
}

// The host looks for such a script only where flux.statements.v1 tells of it.
void script_ends_transaction(Scene& scene) {
  const Quirks& quirks = scene.quirks();
  if (quirks.begin.empty()) throw NoQuirk{"begin"};
  for (const std::string& ending : {quirks.commit, quirks.rollback}) {
    const auto instance = scene.ready();
    must(instance->begin(), "begin");
    const Outcome applied = instance->apply(scene.script({scene.create(1), ending, scene.create(2)}));
    const bool failed = !applied.ok() || !instance->register_row(Scene::row("ended")).ok();
    expect(failed,
           fmt::format("a failure of apply, or of register_migration behind it, where the script says {}", ending),
           "FLUX_OK from both");
    must(instance->rollback(), fmt::format("rollback behind a script that says {}", ending));
    must_have(scene, false, fmt::format("behind a script that says {}", ending));
    // Where the database has committed them they are there.
    for (const int number : {1, 2}) instance->apply(scene.script({scene.drop(number)}));
  }
}

}  // namespace

std::vector<Check> transaction_checks() {
  constexpr std::uint32_t needs = needs_transactional_ddl;
  return {
      {"begin-twice", "begin: inside a transaction it is FLUX_E_STATE", needs, begin_twice},
      {"commit-without-begin", "commit: without a transaction it is FLUX_E_STATE", needs, commit_without_begin},
      {"rollback-without-begin", "rollback: without a transaction it is FLUX_OK", 0, rollback_without_begin},
      {"commit-keeps", "commit: script and row are there, seen from a second connection", 0, commit_keeps},
      {"rollback-undoes-rows", "FLUX_CAP_TRANSACTIONAL_DDL: rollback takes back history rows", needs,
       rollback_undoes_rows},
      {"rollback-undoes-scripts", "FLUX_CAP_TRANSACTIONAL_DDL: rollback takes back scripts", needs,
       rollback_undoes_scripts},
      {"rollback-after-failure", "rollback: takes back a transaction in which a script has failed", needs,
       rollback_after_failure},
      {"rollback-many", "rollback: takes back everything since begin, many scripts as well", needs, many_in_one},
      {"script-ends-transaction", "FLUX_CAP_TRANSACTIONAL_DDL: no row is left of a script that ends its transaction",
       needs, script_ends_transaction},
      {"undone-by-kill", "FLUX_CAP_TRANSACTIONAL_DDL: the end of the process takes back an open transaction", needs,
       undone_by_kill},
      {"undone-by-disconnect", "disconnect: takes back an open transaction", needs, undone_by_disconnect},
  };
}

}  // namespace flux::check
