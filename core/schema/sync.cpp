#include <flux/core/schema/sync.hpp>

#include <fmt/core.h>

#include <flux/core/schema/file_layout.hpp>

#include "../migrator_state.hpp"

namespace flux {
namespace {

bool alone(const PlannedStep& step) { return (step.step.hazards & FLUX_HAZARD_NO_TRANSACTION) != 0; }

void require_same(const std::vector<PlannedStep>& shown, const std::vector<PlannedStep>& now) {
  const auto same_step = [](const PlannedStep& a, const PlannedStep& b) { return a.step.sql == b.step.sql; };
  if (std::equal(shown.begin(), shown.end(), now.begin(), now.end(), same_step)) return;
  Failure f;
  f.code = ErrorCode::history;
  f.message = "the database has changed since the plan was made";
  f.hint = "nothing was run; look at the new plan with `flux plan --sync`";
  throw Error(std::move(f));
}

}  // namespace

std::vector<StepGroup> step_groups(const std::vector<PlannedStep>& steps) {
  std::vector<StepGroup> out;
  bool ended = true;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (ended || alone(steps[i])) out.push_back({i, 0, !alone(steps[i])});
    ++out.back().count;
    ended = alone(steps[i]) || steps[i].step.commits;
  }
  return out;
}

SchemaSync::SchemaSync(SchemaProject& project)
    : project_(project), backend_(BackendLibrary::load(project.backend().file, project.backend().name), project.config(), project.options().log) {
  backend_.connect(resolve_database_uri(project.config()));
}

std::string SchemaSync::target() { return backend_.describe_target(); }

Schema SchemaSync::inspect() { return project_.visible(backend_.inspect()); }

SyncReport SchemaSync::run(const SchemaChanges& shown, const std::function<SchemaChanges(Schema)>& settle) {
  const auto start = std::chrono::steady_clock::now();
  const MigrationLock lock(backend_, project_.config().lock_timeout, project_.options().log);
  require_same(shown.steps, settle(inspect()).steps);
  SyncReport report;
  for (const StepGroup& group : step_groups(shown.steps)) {
    const auto first = shown.steps.begin() + static_cast<std::ptrdiff_t>(group.first);
    const std::vector<PlannedStep> steps(first, first + static_cast<std::ptrdiff_t>(group.count));
    const ScriptPtr script = Script::make("the plan of flux sync", statements_text(steps));
    try {
      if (group.in_transaction) backend_.begin();
      backend_.apply("", *script);
      if (group.in_transaction) backend_.commit();
      report.done += group.count;
    } catch (const Error& error) {
      report.failures = error.failures();
      if (group.in_transaction && error.code() != ErrorCode::connection) backend_.rollback();
      break;
    }
  }
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  return report;
}

}  // namespace flux
