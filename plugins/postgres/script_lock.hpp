// Sees to it that two runs never work outside of transactions at the same time.
#pragma once

#include <cstdint>

#include "canceller.hpp"
#include "connection.hpp"

namespace flux::postgres {

// Takes the session-level advisory lock `id` on the connection that works, waiting a while: what a killed run left at
// the server may be at work still. Throws BackendError: FLUX_E_LOCKED naming the holder, FLUX_E_CANCELLED, otherwise as
// Connection does.
void take_script_lock(Connection& connection, const Canceller& canceller, std::int64_t id);

}  // namespace flux::postgres
