// Runs the steps of a plan under the lock.
#pragma once

#include <flux/core/report.hpp>

#include "run_context.hpp"

namespace flux {

// Whether the plan writes to the history, so that it must be there.
bool writes_history(const Plan& plan) noexcept;

// Runs `plan`. The caller holds the lock and has initialised the history. What fails is in the report; nothing is thrown.
Report run_steps(const Plan& plan, const RunContext& context, Observer& observer);

}  // namespace flux
