#include "runner.hpp"

#include <fmt/core.h>

#include <algorithm>

#include <flux/core/source_text.hpp>
#include <flux/core/version.hpp>

namespace flux {
namespace {

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

// A transaction on the target; rolls back when destroyed without commit().
class Transaction {
 public:
  Transaction(Backend& backend, const Log& log) : backend_(backend), log_(log) { backend_.begin(); }
  ~Transaction() {
    if (done_) return;
    try {
      backend_.rollback();
    } catch (const std::exception& e) {
      log_.warn(fmt::format("the rollback failed: {}", e.what()));  // the reason for it is what the user must see
    }
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    try {
      backend_.commit();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::connection) throw;
      // The server may have committed before the connection went.
      done_ = true;
      std::vector<Failure> failures = error.failures();
      failures.front().code = ErrorCode::outcome_unknown;
      failures.front().hint = "run `flux status` to see whether it was applied";
      throw Error(ErrorCode::outcome_unknown, std::move(failures));
    }
    done_ = true;
  }

 private:
  Backend& backend_;
  const Log& log_;
  bool done_ = false;
};

class Runner {
 public:
  Runner(const Plan& plan, Backend& backend, const RowOrigin& origin, Observer& observer, const Log& log)
      : plan_(plan), backend_(backend), origin_(origin), observer_(observer), log_(log) {
    for (const Step& step : plan.steps) report_.results.push_back({step, StepOutcome::not_run, {}});
    report_.warnings = plan.warnings;
  }

  Report run() {
    const auto start = Clock::now();
    const auto* apply = std::get_if<ApplyRequest>(&plan_.request);
    if (apply != nullptr && apply->single_transaction) run_in_one_transaction();
    else run_each();
    report_.duration = since(start);
    return std::move(report_);
  }

 private:
  void run_each() {
    for (std::size_t i = 0; i < plan_.steps.size() && connected_; ++i) {
      // What follows a failure does not run, but what puts back what pre-apply took away does.
      if (!report_.ok() && plan_.steps[i].kind != StepKind::post_apply) continue;
      run_one(i, [&](const Step& step) {
        Transaction transaction(backend_, log_);
        perform(step);
        transaction.commit();
      });
    }
  }

  void run_in_one_transaction() {
    std::size_t ran = 0;
    try {
      Transaction transaction(backend_, log_);
      for (; ran < plan_.steps.size() && report_.ok(); ++ran) start_one(ran, [&](const Step& step) { perform(step); });
      if (report_.ok()) transaction.commit();
    } catch (const Error& error) {
      add_failures(error, "");
      Failure& first = report_.failures.front();
      if (first.code == ErrorCode::script) first.message = "the batch was rolled back: " + first.message;
    }
    const bool unknown = !report_.ok() && report_.failures.front().code == ErrorCode::outcome_unknown;
    for (std::size_t i = 0; i < ran; ++i) {
      StepOutcome& outcome = report_.results[i].outcome;
      if (!report_.ok() && outcome == StepOutcome::done) outcome = unknown ? StepOutcome::unknown : StepOutcome::rolled_back;
      observer_.finished(report_.results[i], i, plan_.steps.size());
    }
  }

  template <class Work>
  void run_one(std::size_t index, Work&& work) {
    start_one(index, work);
    observer_.finished(report_.results[index], index, plan_.steps.size());
  }

  template <class Work>
  void start_one(std::size_t index, Work&& work) {
    StepResult& result = report_.results[index];
    observer_.started(result.step, index, plan_.steps.size());
    const auto start = Clock::now();
    try {
      work(result.step);
      result.outcome = StepOutcome::done;
    } catch (const Error& error) {
      result.outcome = error.code() == ErrorCode::outcome_unknown ? StepOutcome::unknown : StepOutcome::failed;
      add_failures(error, result.step.id);
    }
    result.duration = since(start);
  }

  void add_failures(const Error& error, const std::string& id) {
    for (Failure f : error.failures()) {
      if (f.migration_id.empty()) f.migration_id = id;
      const bool lost = f.code == ErrorCode::connection || f.code == ErrorCode::outcome_unknown || f.code == ErrorCode::cancelled;
      // Whatever went wrong in a backend that is still there, the migration failed and was rolled back.
      if (lost) connected_ = false;
      else f.code = ErrorCode::script;
      report_.failures.push_back(std::move(f));
    }
  }

  void perform(const Step& step) {
    const auto start = Clock::now();
    if (step.script != nullptr) backend_.apply(step.id, *step.script);
    const std::chrono::milliseconds took = since(start);
    switch (step.kind) {
      case StepKind::apply:
        backend_.register_migration(origin_.name_space, row(step, RowState::applied, took));
        break;
      case StepKind::undo:
      case StepKind::forget:
        backend_.unregister_migration(origin_.name_space, step.id);
        break;
      case StepKind::pre_apply:
      case StepKind::post_apply:
        if (step.script->directives.on_change)
          backend_.register_migration(origin_.name_space, row(step, RowState::repeatable, took));
        break;
    }
  }

  HistoryRow row(const Step& step, RowState state, std::chrono::milliseconds took) const {
    HistoryRow row;
    row.id = step.id;
    row.hash = step.script->hash;
    row.state = state;
    if (step.undo != nullptr) row.undo = step.undo->text;
    row.applied_by = origin_.applied_by;
    row.flux_version = version();
    row.duration = took;
    if (step.script->statement_count) row.statements_done = static_cast<std::int64_t>(*step.script->statement_count);
    return row;
  }

  const Plan& plan_;
  Backend& backend_;
  const RowOrigin& origin_;
  Observer& observer_;
  const Log& log_;
  Report report_;
  bool connected_ = true;
};

}  // namespace

bool writes_history(const Plan& plan) noexcept {
  return std::any_of(plan.steps.begin(), plan.steps.end(),
                     [](const Step& step) { return !is_repeatable(step.kind) || step.script->directives.on_change; });
}

Report run_steps(const Plan& plan, Backend& backend, const RowOrigin& origin, Observer& observer, const Log& log) {
  return Runner(plan, backend, origin, observer, log).run();
}

}  // namespace flux
