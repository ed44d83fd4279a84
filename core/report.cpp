#include <flux/core/report.hpp>

#include <algorithm>

namespace flux {

const char* name(StepOutcome outcome) noexcept {
  switch (outcome) {
    case StepOutcome::done: return "done";
    case StepOutcome::failed: return "failed";
    case StepOutcome::rolled_back: return "rolled_back";
    case StepOutcome::unknown: return "unknown";
    case StepOutcome::interrupted: return "interrupted";
    case StepOutcome::not_run: return "not_run";
  }
  return "";
}

int Report::exit_code() const noexcept { return failures.empty() ? 0 : flux::exit_code(failures.front().code); }

std::size_t Report::count(StepOutcome outcome) const noexcept {
  return static_cast<std::size_t>(std::count_if(results.begin(), results.end(), [outcome](const StepResult& result) {
    return !is_repeatable(result.step.kind) && result.outcome == outcome;
  }));
}

void Observer::started(const Step&, std::size_t, std::size_t) {}
void Observer::finished(const StepResult&, std::size_t, std::size_t) {}

}  // namespace flux
