// flux apply and flux rollback
#include <fmt/core.h>

#include <algorithm>

#include "commands.hpp"
#include "json.hpp"
#include "plan_file.hpp"
#include "plan_text.hpp"
#include "progress.hpp"
#include "prompt.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

// The request as it was typed, to be typed again.
std::string arguments_of(const Request& request) {
  const auto range = [](const auto& r) {
    if (r.count) return fmt::format(" {}", *r.count);
    return r.to ? fmt::format(" --to {}", visible(*r.to)) : std::string();
  };
  if (const auto* rollback = std::get_if<RollbackRequest>(&request))
    return range(*rollback) + (rollback->all ? " --all" : "") + (rollback->no_repeatable ? " --no-repeatable" : "") +
           (rollback->forget_missing_undo ? " --forget-missing-undo" : "");
  const auto& apply = std::get<ApplyRequest>(request);
  return range(apply) + (apply.single_transaction ? " --single-transaction" : "") +
         (apply.allow_out_of_order ? " --allow-out-of-order" : "");
}

// Throws Error{usage} where nobody can be asked, Error{cancelled} where the answer is not yes.
void confirm(const Plan& plan, const std::string& target, Session& session) {
  const char* command = plan.is_rollback() ? "rollback" : "apply";
  const std::string what = count_of(plan.migration_count(), "migration");
  Console& console = session.console();
  if (!console.terminal().interactive) {
    const std::string arguments = arguments_of(plan.request);
    throw nobody_to_ask(fmt::format("{} {}", plan.is_rollback() ? "roll back" : "apply", what),
                        fmt::format("look at `flux plan{}{}`, then run `flux {}{} --yes`", plan.is_rollback() ? " --rollback" : "",
                                    arguments, command, arguments));
  }
  for (const std::string& warning : plan.warnings) console.log(LogLevel::warn, warning);
  write_steps(plan, console.terminal().err, [&console](std::string_view line) { console.err(line); });
  ask(console, fmt::format("{} {} {} {}?", plan.is_rollback() ? "Roll back" : "Apply", what, plan.is_rollback() ? "of" : "to",
                           visible(target)));
}

StoppedBatch stopped(const Report& report, bool rollback) {
  StoppedBatch batch;
  batch.rollback = rollback;
  batch.done = report.count(StepOutcome::done);
  batch.rolled_back = report.count(StepOutcome::rolled_back);
  batch.not_run = report.count(StepOutcome::not_run);
  for (const StepResult& result : report.results)
    if (result.outcome == StepOutcome::failed || result.outcome == StepOutcome::unknown || result.outcome == StepOutcome::interrupted)
      batch.failed.push_back({std::string(result.step.id), result.step.kind});
  return batch;
}

// The plan of a file, if what would run now is exactly that. Throws Error{history} with everything that differs.
Plan approved_plan(const std::string& file, const Request& asked, Migrator& migrator) {
  const PlanFile approved = read_plan_file(file);
  const bool rollback = std::holds_alternative<RollbackRequest>(approved.request);
  if (rollback != std::holds_alternative<RollbackRequest>(asked)) {
    Failure failure{ErrorCode::usage, fmt::format("{} is a plan to {}", file, rollback ? "roll back" : "apply")};
    failure.hint = fmt::format("run `flux {} --plan {}`", rollback ? "rollback" : "apply", file);
    throw Error(failure);
  }
  Plan plan = migrator.plan_to_run(approved.request, true);
  plan.exact = true;
  std::vector<Failure> failures;
  for (const std::string& difference : differences(approved, plan, made_for(migrator))) {
    Failure failure{ErrorCode::history, difference};
    failure.where = SourcePosition{file, 0, 0, ""};
    failures.push_back(std::move(failure));
  }
  if (failures.empty()) return plan;
  failures.back().hint = fmt::format("nothing was run; make the plan again with `flux plan{} --out FILE`, and look at it", rollback ? " --rollback …" : "");
  throw Error(ErrorCode::history, std::move(failures));
}

std::string summary(const Report& report, const Plan& plan, const std::string& target) {
  const std::size_t done = report.count(StepOutcome::done);
  if (plan.migration_count() == 0) return nothing_text(plan, target);
  const auto forgotten = static_cast<std::size_t>(std::count_if(report.results.begin(), report.results.end(), [](const StepResult& r) {
    return r.step.kind == StepKind::forget && r.outcome == StepOutcome::done;
  }));
  if (forgotten > 0)
    return fmt::format("rolled back {} of {}, and took {} without an undo script out of the history alone\n",
                       count_of(done - forgotten, "migration"), visible(target), forgotten);
  if (done == 0) return fmt::format("nothing was left to do: another run has changed {}\n", visible(target));
  return fmt::format("{} {} {} {} in {}\n", plan.is_rollback() ? "rolled back" : "applied", count_of(done, "migration"),
                     plan.is_rollback() ? "of" : "to", visible(target), duration_text(report.duration));
}

Json steps_json(const Report& report) {
  Json steps = Json::array();
  for (const StepResult& result : report.results) {
    Json step = to_json(result.step, false);
    step["outcome"] = name(result.outcome);
    step["duration_ms"] = result.outcome == StepOutcome::not_run ? Json() : Json(result.duration.count());
    steps.push_back(std::move(step));
  }
  return steps;
}

void add_new(std::vector<std::string>& warnings, const std::vector<std::string>& more) {
  for (const std::string& warning : more)
    if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
}

}  // namespace

Result run(const BatchOptions& options, Session& session) {
  Migrator migrator = session.open(options.uri);
  const Plan plan = options.plan_file ? approved_plan(*options.plan_file, options.request, migrator) : migrator.plan_to_run(options.request);
  const std::string target = migrator.target();
  const bool asks = plan.migration_count() > 0 && !options.yes && !options.plan_file;
  if (asks) confirm(plan, target, session);

  Report report;
  if (!plan.steps.empty()) {
    Progress progress(session.console(), session.options().json);
    const SignalWatch::Running running(session.signals(), [&migrator] { migrator.cancel(); });
    report = migrator.run(plan, progress);
  }

  Result result;
  result.exit_code = report.exit_code();
  result.failures = report.failures;
  result.warnings = plan.warnings;
  if (asks) result.warnings_seen = plan.warnings.size();
  add_new(result.warnings, report.warnings);
  if (report.ok())
    result.text = summary(report, plan, target);
  else
    result.batch = stopped(report, plan.is_rollback());
  result.data = Json{{"target", target},
                     {"done", report.count(StepOutcome::done)},
                     {"failed", report.count(StepOutcome::failed)},
                     {"rolled_back", report.count(StepOutcome::rolled_back)},
                     {"unknown", report.count(StepOutcome::unknown)},
                     {"interrupted", report.count(StepOutcome::interrupted)},
                     {"not_run", report.count(StepOutcome::not_run)},
                     {"duration_ms", report.duration.count()},
                     {"steps", steps_json(report)}};
  return result;
}

}  // namespace flux::cli
