#include "runner.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <utility>

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

constexpr std::size_t most_steps = 1000;  // that are ever sent together

bool takes_row_away(const Step& step) noexcept { return step.kind == StepKind::undo || step.kind == StepKind::forget; }

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
    for (std::size_t next = 0; next < plan_.steps.size() && connected_;) {
      note_cancel();
      if (!is_wanted(plan_.steps[next])) {
        ++next;
        continue;
      }
      const std::size_t end = batch_end(next);
      const bool alone = end == next;
      std::optional<Error> first_try;
      if (!alone) first_try = run_batch(next, end);
      if (alone || next < end) run_one(next++, std::move(first_try));
      for (; next < end && report_.results[next].outcome == StepOutcome::unknown; ++next) tell_end(report_.results[next]);
    }
  }

  // What follows a failure does not run, but what puts back what pre-apply took away does.
  bool is_wanted(const Step& step) const noexcept { return report_.ok() || step.kind == StepKind::post_apply; }

  // The user's wish to stop ends the batch, not what puts it in order behind it.
  void note_cancel() {
    try {
      stop_if_cancelled(context_);
    } catch (const Error& error) {
      context_.backend.clear_cancel();
      if (report_.ok()) report_.failures = error.failures();
    }
  }

  // Behind the last step from `first` on that can be done together with it; `first` where it has to be done alone.
  std::size_t batch_end(std::size_t first) const {
    constexpr std::size_t most_text = std::size_t{4} << 20, longest_script = std::size_t{1} << 20;
    std::size_t end = first;
    for (std::size_t text = 0; context_.batch && end < plan_.steps.size() && end - first < most_steps_; ++end) {
      const Step& step = plan_.steps[end];
      const std::size_t length = step.script != nullptr ? step.script->text().size() : 0;
      text += length;
      if (!is_wanted(step) || length > longest_script || (end > first && text > most_text)) break;
      if (step.script != nullptr && step.script->runs_in_parts()) break;
    }
    return end;
  }

  // Has the backend do the steps from `next` to `end` and moves `next` behind each that is settled.
  void do_batch(std::size_t& next, std::size_t end, const std::function<void(StepResult&)>& settled) {
    const std::size_t first = next;
    std::vector<HistoryRow> rows;
    rows.reserve(end - first);
    std::vector<BatchUnit> units;
    for (std::size_t i = first; i < end; ++i) {
      const Step& step = plan_.steps[i];
      BatchUnit& unit = units.emplace_back(BatchUnit{step.id, step.script.get(), nullptr, takes_row_away(step)});
      if (!unit.removes && keeps_row(step)) unit.row = &rows.emplace_back(row(step));
    }
    tell_start(next);
    context_.backend.apply_batch(context_.name_space, units, [&](std::size_t index, std::optional<std::chrono::milliseconds> took) {
      next = first + index;
      StepResult& result = report_.results[next++];
      result.outcome = StepOutcome::done;
      result.duration = took.value_or(since(started_at_));
      settled(result);
      if (next < end) tell_start(next);
    });
    // Where many cannot be sent with others it is no use to collect them each time.
    most_steps_ = next == end ? std::min(2 * most_steps_, most_steps) : std::max(next - first, std::size_t{1});
  }

  // What the batch says of the first step that it has not settled is its first try; none: it has not been tried.
  std::optional<Error> run_batch(std::size_t& next, std::size_t end) {
    try {
      do_batch(next, end, [&](StepResult& result) { tell_end(result); });
      return std::nullopt;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::connection) return error;
      return find_out(error, next, end);
    }
  }

  // Moves `next` behind the steps that were committed before the connection was lost: the backend does them in order.
  // Where there are any, what is lost is an answer to COMMIT, and the run can go on.
  std::optional<Error> find_out(const Error& lost, std::size_t& next, std::size_t end) {
    try {
      const History history = history_after(lost, context_);
      std::size_t committed = end;
      while (committed > next && happened(plan_.steps[committed - 1], history) != true) --committed;
      if (committed == next) return not_committed(lost, happened(plan_.steps[next], history).has_value());
      const std::size_t count = committed - next;
      context_.log.warn(count == 1 ? fmt::format("{}: {}", plan_.steps[next].id, commit_confirmed)
                                   : fmt::format("{} to {}, {} of them: {}", plan_.steps[next].id, plan_.steps[committed - 1].id, count, commit_confirmed));
      for (; next < committed; ++next) {
        report_.results[next].outcome = StepOutcome::done;
        tell_end(report_.results[next]);
      }
      return std::nullopt;
    } catch (const Error& unknown) {
      for (std::size_t i = next + 1; i < end; ++i) report_.results[i].outcome = StepOutcome::unknown;
      return unknown;
    }
  }

  void run_in_transaction(const Step& step, std::optional<Error> first_try) {
    with_retries(context_, std::string(step.id), [&] {
      if (first_try) throw Error(*std::exchange(first_try, std::nullopt));
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
        for (ran = 0; ran < plan_.steps.size();) {
          stop_if_cancelled(context_);
          run_in_open_transaction(ran);
        }
        transaction.commit([&](const History& history) { return batch_happened(history); });
      });
    } catch (const Error& error) {
      add_failures(error, ran < plan_.steps.size() ? plan_.steps[ran].id : std::string_view());
      Failure& first = report_.failures.front();
      if (first.code == ErrorCode::script) first.message = "the batch was rolled back: " + first.message;
    }
    const bool unknown = !report_.ok() && report_.failures.front().code == ErrorCode::outcome_unknown;
    for (StepResult& result : report_.results) {
      if (result.outcome == StepOutcome::not_run) continue;
      if (!report_.ok() && result.outcome == StepOutcome::done) result.outcome = unknown ? StepOutcome::unknown : StepOutcome::rolled_back;
      tell_end(result);
    }
  }

  // Does the step `next`, and as many behind it as can be done together with it.
  void run_in_open_transaction(std::size_t& next) {
    const std::size_t end = batch_end(next);
    const bool alone = end == next;
    try {
      if (!alone) do_batch(next, end, [](StepResult&) {});
    } catch (const Error&) {
      report_.results[next].outcome = StepOutcome::failed;
      throw;
    }
    if (!alone && next == end) return;
    start_one(next, [&](const Step& step) { perform(step); });
    ++next;
  }

  void run_one(std::size_t index, std::optional<Error> first_try) {
    try {
      start_one(index, [&](const Step& step) {
        if (step.script != nullptr && step.script->runs_in_parts()) run_without_transaction(step);
        else run_in_transaction(step, std::move(first_try));
      });
    } catch (const Error& error) {
      add_failures(error, plan_.steps[index].id);
    } catch (const std::exception& e) {
      report_.results[index].outcome = StepOutcome::failed;
      add_failures(Error(Failure{ErrorCode::internal, e.what()}), plan_.steps[index].id);
    }
    tell_end(report_.results[index]);
  }

  template <class Work>
  void start_one(std::size_t index, Work&& work) {
    StepResult& result = report_.results[index];
    tell_start(index);
    try {
      work(result.step);
      result.outcome = StepOutcome::done;
      result.duration = since(started_at_);
    } catch (const Error& error) {
      result.outcome = error.code() == ErrorCode::outcome_unknown ? StepOutcome::unknown
                       : error.code() == ErrorCode::interrupted   ? StepOutcome::interrupted
                                                                  : StepOutcome::failed;
      result.duration = since(started_at_);
      throw;
    }
  }

  void tell_start(std::size_t index) {
    if (started_ == index) return;
    started_ = index;
    started_at_ = Clock::now();
    observer_.started(plan_.steps[index], index, plan_.steps.size());
  }
  void tell_end(const StepResult& result) {
    observer_.finished(result, static_cast<std::size_t>(&result - report_.results.data()), plan_.steps.size());
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
        if (keeps_row(step)) {
          HistoryRow written = row(step);
          written.duration = since(start);
          context_.backend.register_migration(context_.name_space, written);
        }
        break;
      case StepKind::undo:
      case StepKind::forget:
        context_.backend.unregister_migration(context_.name_space, step.id);
        break;
    }
  }

  HistoryRow row(const Step& step) const {
    HistoryRow row = make_row(context_, step.id, *step.script, step.undo.get());
    row.state = is_repeatable(step.kind) ? RowState::repeatable : RowState::applied;
    row.is_new = step.kind == StepKind::apply;
    return row;
  }

  void run_without_transaction(const Step& step) {
    std::optional<HistoryRow> before = row_before(step);
    HistoryRow row = step.kind == StepKind::undo ? *before : this->row(step);
    RowEnd end = RowEnd::applied;
    if (step.kind == StepKind::undo) {
      row.state = RowState::undo_interrupted;
      end = RowEnd::removed;
    } else if (is_repeatable(step.kind)) {
      row.state = RowState::repeatable_interrupted;
      end = keeps_row(step) ? RowEnd::repeatable : RowEnd::removed;
    } else {
      row.state = RowState::interrupted;
    }
    PartRun(context_, *step.script, std::move(row), end, std::move(before)).run();
  }

  std::optional<HistoryRow> row_before(const Step& step) const {
    if (step.row == nullptr) return std::nullopt;
    HistoryRow before = *step.row;
    before.script = context_.backend.read_script(context_.name_space, step.id);
    return before;
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
    if (takes_row_away(step)) return row == nullptr;
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
  std::optional<std::size_t> started_;  // the last step that the observer was told of
  Clock::time_point started_at_{};
  std::size_t most_steps_ = most_steps;  // that are sent together
};

}  // namespace

bool writes_history(const Plan& plan) noexcept {
  return std::any_of(plan.steps.begin(), plan.steps.end(),
                     [](const Step& step) { return keeps_row(step) || step.script->runs_in_parts(); });
}

Report run_steps(const Plan& plan, const RunContext& context, Observer& observer) { return Runner(plan, context, observer).run(); }

}  // namespace flux
