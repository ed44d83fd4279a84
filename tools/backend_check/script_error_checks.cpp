// Scripts that fail: the code, the place, the waiting.
#include "check.hpp"
#include "helper.hpp"
#include "scene.hpp"

namespace flux::check {
namespace {

// A comment whose bytes are many more than its characters, so that counting these is noticed.
std::string wide_comment(const Scene& scene) {
  std::string letters;
  for (int i = 0; i < 200; ++i) letters += "\xc3\xa9";
  std::string comment = scene.quirks().comment;
  comment.insert(comment.find_last_not_of("\r\n") + 1, " " + letters);
  return comment;
}

// A script whose second statement fails, and where that begins and ends.
struct Wrong {
  std::string text;
  std::size_t from, to;
};

Wrong second_fails(const Scene& scene) {
  const std::string before = wide_comment(scene) + scene.script({scene.create(1)});
  const std::string text = before + scene.script({scene.quirks().fail, scene.create(2)});
  return {text, before.size(), before.size() + scene.quirks().fail.size()};
}

Outcome failing(Scene& scene, const std::string& text) {
  const auto instance = scene.ready();
  must(instance->begin(), "begin");
  const Outcome outcome = instance->apply(text);
  must(instance->rollback(), "rollback");
  return outcome;
}

void status(Scene& scene) {
  must_be(FLUX_E_SCRIPT, failing(scene, second_fails(scene).text), "apply of a script whose second statement fails");
}

void stops(Scene& scene) {
  const auto instance = scene.ready();
  must_be(FLUX_E_SCRIPT, instance->apply(second_fails(scene).text), "apply of a script whose second statement fails");
  expect(!scene.has(*instance, 2), "no statement behind the one that fails", "the third has run");
}

void error_code(Scene& scene) {
  const std::string& want = scene.quirks().error_code;
  if (want.empty()) throw NoQuirk{"error_code"};
  const Outcome outcome = failing(scene, second_fails(scene).text);
  expect(outcome.error.sqlstate == want, "the database's own code in sqlstate: " + want,
         "\"" + shown(outcome.error.sqlstate) + "\"");
}

void statement_index(Scene& scene) {
  for (const bool first : {false, true}) {
    const std::string text =
        first ? wide_comment(scene) + scene.script({scene.quirks().fail}) : second_fails(scene).text;
    const Outcome outcome = failing(scene, text);
    must_be(FLUX_E_SCRIPT, outcome, "apply of a script that fails");
    expect(outcome.error.statement_index == (first ? 0 : 1), fmt::format("statement_index {}", first ? 0 : 1),
           std::to_string(outcome.error.statement_index));
  }
}

void byte_offset(Scene& scene) {
  const Wrong wrong = second_fails(scene);
  const Outcome outcome = failing(scene, wrong.text);
  must_be(FLUX_E_SCRIPT, outcome, "apply of a script that fails");
  const std::int64_t at = outcome.error.byte_offset;
  expect(at >= static_cast<std::int64_t>(wrong.from) && at < static_cast<std::int64_t>(wrong.to),
         fmt::format("a byte_offset inside of the failing statement, from {} to {}", wrong.from, wrong.to),
         std::to_string(at));
}

void lock_timeout(Scene& scene) {
  const auto setup = scene.ready();
  must(setup->apply(scene.script({scene.create(1)})), "apply");
  const auto holder = scene.connected();
  must(holder->begin(), "begin");
  must(holder->apply(scene.script({scene.about(scene.quirks().hold, 1)})), "apply of what takes a lock");

  ScriptCall call{scene.script({scene.about(scene.quirks().want, 1)})};
  call.lock_timeout_ms = 300;
  const Outcome outcome = setup->apply(call);
  // A database may need no lock for this: then there is nothing to wait for.
  if (!outcome.ok()) must_be(FLUX_E_BUSY, outcome, "apply of what must wait for a lock");
  expect(outcome.took < std::chrono::seconds(10), "an answer soon after lock_timeout_ms (300 ms)",
         fmt::format("{} ms", outcome.took.count()));
  must(holder->rollback(), "rollback of what holds the lock");
  if (!outcome.ok()) must(setup->apply(call), "apply of what had to wait, once nobody is in the way");
}

void statement_timeout(Scene& scene) {
  if (scene.quirks().slow.empty()) throw NoQuirk{"slow"};
  const auto instance = scene.ready();
  ScriptCall call{scene.script({scene.quirks().slow})};
  call.statement_timeout_ms = 300;
  const Outcome outcome = instance->apply(call);
  expect(outcome.status == FLUX_E_SCRIPT, "FLUX_E_SCRIPT from a statement that runs longer than statement_timeout_ms",
         text_of(outcome));
  expect(outcome.took > std::chrono::milliseconds(200) && outcome.took < std::chrono::seconds(10),
         "an answer soon after statement_timeout_ms (300 ms), not before", fmt::format("{} ms", outcome.took.count()));
  call.text = scene.script({scene.create(1)});
  call.statement_timeout_ms = 0;
  must(instance->apply(call), "apply of the next script");
}

}  // namespace

std::vector<Check> script_error_checks() {
  return {
      {"script-error", "FLUX_E_SCRIPT: a statement of the script failed", 0, status},
      {"script-error-stops", "apply: nothing behind a statement that failed has run", 0, stops},
      {"script-error-code", "flux_error_info.sqlstate: the database's own error code", 0, error_code},
      {"script-error-statement", "FLUX_CAP_STATEMENT_OFFSETS: statement_index, from 0", needs_statement_offsets,
       statement_index},
      {"script-error-offset", "FLUX_CAP_STATEMENT_OFFSETS: byte_offset, in bytes from 0", needs_statement_offsets,
       byte_offset},
      {"lock-timeout-of-scripts", "flux_script.lock_timeout_ms: then FLUX_E_BUSY", 0, lock_timeout},
      {"statement-timeout", "flux_script.statement_timeout_ms: how long a statement may run", 0, statement_timeout},
  };
}

}  // namespace flux::check
