// What happened to each step of a plan.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <flux/core/error.hpp>
#include <flux/core/plan.hpp>

namespace flux {

enum class StepOutcome {
  done,
  failed,
  rolled_back,  // it ran, and was taken back with the single transaction that it was in
  unknown,      // the connection was lost while it was committed
  interrupted,  // it has no transaction and stopped half way
  not_run,
};
// "done", "failed", "rolled_back", "unknown", "interrupted", "not_run"
const char* name(StepOutcome outcome) noexcept;

struct StepResult {
  Step step;
  StepOutcome outcome = StepOutcome::not_run;
  std::chrono::milliseconds duration{0};
};

struct Report {
  std::vector<StepResult> results;  // one for each step of the plan, in order
  std::vector<Failure> failures;    // empty: all went well. First the one that stopped the batch
  std::vector<std::string> warnings;
  std::chrono::milliseconds duration{0};

  bool ok() const noexcept { return failures.empty(); }
  // 0, or the exit code of the first failure.
  int exit_code() const noexcept;
  // How many migrations (not repeatables) ended with this outcome.
  std::size_t count(StepOutcome outcome) const noexcept;
};

// Told of each step as it runs. Called by the thread that runs the plan; must not throw.
class Observer {
 public:
  virtual ~Observer() = default;
  // `index` from 0, of `count` steps. With --single-transaction all steps are started before the first is finished; those
  // whose outcome is not known may be finished without having been started.
  virtual void started(const Step& step, std::size_t index, std::size_t count);
  virtual void finished(const StepResult& result, std::size_t index, std::size_t count);
};

}  // namespace flux
