// flux sync and flux plan --sync
#include <fmt/core.h>

#include <flux/core/schema/generate.hpp>
#include <flux/core/schema/sync.hpp>

#include "commands.hpp"
#include "prompt.hpp"
#include "schema/schema_text.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

// "in sqlite app.db", and that it is made where it is not there.
std::string where(const SchemaSync& sync, const std::string& target) {
  return fmt::format("in {}{}", visible(target), sync.makes_database() ? ", which is not there yet and is made" : "");
}

void confirm(const SchemaChanges& changes, const std::string& place, Session& session) {
  const std::string what = count_of(changes.steps.size(), "statement");
  Console& console = session.console();
  if (!console.terminal().interactive)
    throw nobody_to_ask(fmt::format("run {}", what), "look at `flux plan --sync`, then run `flux sync --yes`");
  console.err(steps_text(changes.steps) + "\n");
  ask(console, fmt::format("Run {} {}?", what, place));
}

}  // namespace

Result run(const SyncOptions& options, Session& session) {
  SchemaProject project = session.open_schema(options.uri);
  const DesiredSchema desired = project.of_resources();
  SchemaSync sync(project);
  const std::string target = sync.target();
  const auto settle = [&](Schema from) { return project.compare(std::move(from), desired.schema, options.online, annotated(desired.definitions)); };
  const SchemaChanges changes = settle(sync.inspect());
  Result result;
  result.warnings = unmodelled_warnings(project.visible(changes.from));
  add_idle_annotations(desired.definitions, changes, result);
  result.data = Json{{"target", target}, {"differences", differences_json(changes.differences)}, {"steps", steps_json(changes.steps)}, {"done", 0}};
  require_statements(project, changes);
  if (changes.empty()) {
    result.text = fmt::format("nothing to do: {} is what the definitions say\n", visible(target));
    return result;
  }
  if (options.plan_only) {
    result.text = fmt::format("would run {} {}\n\n{}", count_of(changes.steps.size(), "statement"), where(sync, target), steps_text(changes.steps));
    return result;
  }
  require_no_likely_rename(project, changes, desired.definitions);
  require_no_data_loss(changes.steps, options.allow_data_loss);
  const bool makes = sync.makes_database();
  const std::string place = where(sync, target);
  if (!options.yes) confirm(changes, place, session);

  const SignalWatch::Running running(session.signals(), [&sync] { sync.cancel(); });
  const SyncReport report = sync.run(changes, settle);
  result.failures = report.failures;
  result.exit_code = report.failures.empty() ? 0 : exit_code(report.failures.front().code);
  result.data["done"] = report.done;
  result.data["duration_ms"] = report.duration.count();
  if (report.failures.empty())
    result.text = fmt::format("ran {} in {}{} in {}\n", count_of(report.done, "statement"), visible(target), makes ? ", which was made," : "", duration_text(report.duration));
  return result;
}

}  // namespace flux::cli
