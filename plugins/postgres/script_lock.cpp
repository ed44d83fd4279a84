#include "script_lock.hpp"

#include <chrono>

#include "lock_holder.hpp"

namespace flux::postgres {

// Polled, not waited for inside the server: a waiter's snapshot would stop the CREATE INDEX CONCURRENTLY that it may be
// waiting for.
void take_script_lock(Connection& connection, const Canceller& canceller, std::int64_t id) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds limit{10};
  constexpr std::chrono::milliseconds between_tries{200};
  const std::string sql = "SELECT pg_catalog.pg_try_advisory_lock(" + std::to_string(id) + ")";
  for (const Clock::time_point end = Clock::now() + limit; *PQgetvalue(connection.run(sql).get(), 0, 0) != 't';
       canceller.pause(between_tries, "waiting for an earlier run's statement")) {
    if (Clock::now() < end) continue;
    const auto holder = holder_of(connection, id);
    BackendError error(FLUX_E_LOCKED, "an earlier run is still at work at the server: " +
                                          (holder ? holder->text : std::string("its process is not known")));
    if (holder)
      error.hint("wait for it to end, or end it: select pg_terminate_backend(" + std::to_string(holder->process) + ")");
    throw error;
  }
}

}  // namespace flux::postgres
