#include "runner.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "part_run.hpp"
#include "retry.hpp"
#include "transaction.hpp"

namespace flux {
namespace {

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

bool keeps_row(const Step& step) noexcept { return !is_repeatable(step.kind) || step.script->directives().on_change; }

class Runner {
 public:
  Runner(const Plan& plan, const RunContext& context, Observer& observer) : plan_(plan), context_(context), observer_(observer) {
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
      note_cancel();
      // What follows a failure does not run, but what puts back what pre-apply took away does.
      if (!report_.ok() && plan_.steps[i].kind != StepKind::post_apply) continue;
      run_one(i, [&](const Step& step) {
        if (step.script != nullptr && step.script->directives().no_transaction) run_without_transaction(step);
        else run_in_transaction(step);
      });
    }
  }

  // The user's wish to stop ends the batch, not what puts it in order behind it.
  void note_cancel() {
    try {
      stop_if_cancelled(context_);
    } catch (const Error& error) {
      context_.backend.clear_cancel();
      if (report_.ok()) report_.failures = error.failures();
    }
  }

  void run_in_transaction(const Step& step) {
    with_retries(context_, std::string(step.id), [&] {
      Transaction transaction(context_);
      if (transaction.waited()) require_still_to_do(step);
      perform(step);
      transaction.commit([&](const History& history) { return happened(step, history); });
    });
  }

  void run_in_one_transaction() {
    std::size_t ran = 0;
    try {
      with_retries(context_, "the batch", [&] {
        for (StepResult& result : report_.results) result.outcome = StepOutcome::not_run;
        Transaction transaction(context_);
        for (ran = 0; ran < plan_.steps.size(); ++ran) {
          stop_if_cancelled(context_);
          start_one(ran, [&](const Step& step) { perform(step); });
        }
        transaction.commit([&](const History& history) { return batch_happened(history); });
      });
    } catch (const Error& error) {
      add_failures(error, ran < plan_.steps.size() ? plan_.steps[ran].id : std::string_view());
      Failure& first = report_.failures.front();
      if (first.code == ErrorCode::script) first.message = "the batch was rolled back: " + first.message;
    }
    const bool unknown = !report_.ok() && report_.failures.front().code == ErrorCode::outcome_unknown;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      StepOutcome& outcome = report_.results[i].outcome;
      if (outcome == StepOutcome::not_run) continue;
      if (!report_.ok() && outcome == StepOutcome::done) outcome = unknown ? StepOutcome::unknown : StepOutcome::rolled_back;
      observer_.finished(report_.results[i], i, plan_.steps.size());
    }
  }

  template <class Work>
  void run_one(std::size_t index, Work&& work) {
    try {
      start_one(index, work);
    } catch (const Error& error) {
      add_failures(error, plan_.steps[index].id);
    } catch (const std::exception& e) {
      report_.results[index].outcome = StepOutcome::failed;
      add_failures(Error(Failure{ErrorCode::internal, e.what()}), plan_.steps[index].id);
    }
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
      result.duration = since(start);
    } catch (const Error& error) {
      result.outcome = error.code() == ErrorCode::outcome_unknown ? StepOutcome::unknown
                       : error.code() == ErrorCode::interrupted   ? StepOutcome::interrupted
                                                                  : StepOutcome::failed;
      result.duration = since(start);
      throw;
    }
  }

  void add_failures(const Error& error, std::string_view id) {
    for (Failure f : error.failures()) {
      if (f.migration_id.empty()) f.migration_id = id;
      const bool lost = f.code == ErrorCode::connection || f.code == ErrorCode::outcome_unknown;
      // Whatever went wrong in a backend that is still there, the migration failed and was rolled back.
      if (lost) connected_ = false;
      else if (f.code != ErrorCode::cancelled && f.code != ErrorCode::interrupted) f.code = ErrorCode::script;
      report_.failures.push_back(std::move(f));
    }
  }

  void perform(const Step& step) {
    const auto start = Clock::now();
    if (step.script != nullptr) context_.backend.apply(step.id, *step.script);
    switch (step.kind) {
      case StepKind::apply:
      case StepKind::pre_apply:
      case StepKind::post_apply:
        if (keeps_row(step)) context_.backend.register_migration(context_.name_space, row(step, since(start)));
        break;
      case StepKind::undo:
      case StepKind::forget:
        context_.backend.unregister_migration(context_.name_space, step.id);
        break;
    }
  }

  HistoryRow row(const Step& step, std::chrono::milliseconds took) const {
    HistoryRow row = make_row(context_, step.id, *step.script, step.undo.get());
    row.state = is_repeatable(step.kind) ? RowState::repeatable : RowState::applied;
    row.is_new = step.kind == StepKind::apply;
    row.duration = took;
    return row;
  }

  void run_without_transaction(const Step& step) {
    HistoryRow row = step.kind == StepKind::undo ? *step.row : this->row(step, {});
    RowEnd end = RowEnd::applied;
    if (step.kind == StepKind::undo) {
      row.script = context_.backend.read_script(context_.name_space, step.id);
      row.state = RowState::undo_interrupted;
      end = RowEnd::removed;
    } else if (is_repeatable(step.kind)) {
      row.state = RowState::repeatable_interrupted;
      end = keeps_row(step) ? RowEnd::repeatable : RowEnd::removed;
    } else {
      row.state = RowState::interrupted;
    }
    PartRun(context_, *step.script, std::move(row), end).run();
  }

  // The lock can be lost, or taken away, while its run is still at work: it is waited for at the beginning of the
  // transaction, and may have done the step.
  void require_still_to_do(const Step& step) const {
    if (is_repeatable(step.kind)) return;
    const bool applied = context_.backend.read_history(context_.name_space).find(step.id) != nullptr;
    if (applied == (step.kind != StepKind::apply)) return;
    Failure f;
    f.message = fmt::format("another run has {} it meanwhile", applied ? "applied" : "undone");
    f.hint = "nothing is wrong with the script";
    throw Error(std::move(f));
  }

  // Whether the history shows that a step was committed; nullopt: it leaves no trace there.
  std::optional<bool> happened(const Step& step, const History& history) const {
    if (!keeps_row(step)) return std::nullopt;
    const HistoryEntry* row = is_repeatable(step.kind) ? history.find_repeatable(step.id) : history.find(step.id);
    if (step.kind == StepKind::undo || step.kind == StepKind::forget) return row == nullptr;
    return row != nullptr && row->run_id() == context_.run_id;
  }

  std::optional<bool> batch_happened(const History& history) const {
    for (const Step& step : plan_.steps)
      if (const std::optional<bool> answer = happened(step, history)) return answer;
    return std::nullopt;
  }

  const Plan& plan_;
  const RunContext& context_;
  Observer& observer_;
  Report report_;
  bool connected_ = true;
};

}  // namespace

bool writes_history(const Plan& plan) noexcept {
  return std::any_of(plan.steps.begin(), plan.steps.end(),
                     [](const Step& step) { return keeps_row(step) || step.script->directives().no_transaction; });
}

Report run_steps(const Plan& plan, const RunContext& context, Observer& observer) { return Runner(plan, context, observer).run(); }

}  // namespace flux
