#include <flux/core/schema/sync.hpp>

#include <fmt/core.h>

#include <flux/core/schema/file_layout.hpp>
#include <flux/core/schema/missing_database.hpp>

#include "../migrator_state.hpp"
#include "../retry.hpp"
#include "../transaction.hpp"

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

// What is done by now stays.
void explain(SyncReport& report, const StepGroup& failed, std::size_t all) {
  Failure& f = report.failures.front();
  if (report.done == 0 && failed.in_transaction) return;
  if (f.code == ErrorCode::connection) f.code = ErrorCode::script;  // which says that nothing was done
  if (!f.detail.empty()) f.detail += '\n';
  f.detail += report.done == 0 ? fmt::format("it ran outside a transaction: something of it may be there (statement 1 of {})", all)
                               : fmt::format("{} of {} statements were done before it, and stay", report.done, all);
  if (f.hint.empty()) f.hint = "`flux plan --sync` shows what is left to do";
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

Schema SchemaSync::inspect() {
  try {
    makes_database_ = false;
    return backend_.inspect();
  } catch (const Error& error) {
    if (!is_missing_database(error)) throw;
    makes_database_ = true;
    return {};
  }
}

void SchemaSync::run(const StepGroup& group, const std::vector<PlannedStep>& steps) {
  const auto first = steps.begin() + static_cast<std::ptrdiff_t>(group.first);
  const ScriptPtr script = Script::make("the plan of flux sync", statements_text({first, first + static_cast<std::ptrdiff_t>(group.count)}));
  if (!group.in_transaction) return backend_.apply("", *script);
  const RunContext context{backend_, project_.options().log, "", "", "", project_.config().lock_retries};
  with_retries(context, "flux sync", [&] {
    Transaction transaction(context);
    backend_.apply("", *script);
    try {
      transaction.commit();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::connection) throw;
      Failure f = error.failures().front();
      f.code = ErrorCode::outcome_unknown;
      f.message = fmt::format("the connection was lost during COMMIT, so it is not known whether it was done: {}", f.message);
      f.hint = "`flux plan --sync` shows what is left to do";
      throw Error(std::move(f));
    }
  });
}

SyncReport SchemaSync::run(const SchemaChanges& shown, const std::function<SchemaChanges(Schema)>& settle) {
  const auto start = std::chrono::steady_clock::now();
  const MigrationLock lock(backend_, project_.config().lock_timeout, project_.options().log);
  require_same(shown.steps, settle(inspect()).steps);
  SyncReport report;
  for (const StepGroup& group : step_groups(shown.steps)) {
    try {
      run(group, shown.steps);
      report.done += group.count;
    } catch (const Error& error) {
      report.failures = error.failures();
      explain(report, group, shown.steps.size());
      break;
    }
  }
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  return report;
}

void require_statements(const SchemaProject& project, const SchemaChanges& changes) {
  if (changes.differences.empty() || !changes.steps.empty()) return;
  Failure f;
  f.code = ErrorCode::backend;
  f.message = fmt::format("the backend {} has no statement for what differs", project.backend().name);
  for (const Difference& d : changes.differences) f.detail += words(d.fact().name) + "\n";
  f.hint = "change it by a script of your own";
  throw Error(std::move(f));
}

}  // namespace flux
