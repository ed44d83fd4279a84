// Work that meets somebody else's lock is done again.
#pragma once

#include <functional>
#include <string>

#include "run_context.hpp"

namespace flux {

// Does `work`; again, after a pause that grows and differs from run to run, as long as it throws a retryable Error, at most
// context.lock_retries times. Each time is logged with who was in the way. `what` names the work. Stops waiting
// with Error{cancelled} when the user wants to stop.
void with_retries(const RunContext& context, const std::string& what, const std::function<void()>& work);

}  // namespace flux
