// Runs the steps of a plan under the lock.
#pragma once

#include <string>

#include <flux/core/backend.hpp>
#include <flux/core/log.hpp>
#include <flux/core/report.hpp>

namespace flux {

// What is written into each history row.
struct RowOrigin {
  std::string name_space;
  std::string applied_by;
};

// Whether the plan writes to the history, so that it must be there.
bool writes_history(const Plan& plan) noexcept;

// Runs `plan`. The caller holds the lock and has initialised the history. What fails is in the report; nothing is thrown.
Report run_steps(const Plan& plan, Backend& backend, const RowOrigin& origin, Observer& observer, const Log& log);

}  // namespace flux
