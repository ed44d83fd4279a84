// Finds out that what a lost connection was doing has ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "canceller.hpp"
#include "connection.hpp"

namespace flux::postgres {

// A time limit that does not count some of the time.
class Limit {
 public:
  explicit Limit(std::chrono::milliseconds limit) : end_(Clock::now() + limit) {}
  void excuse(std::chrono::milliseconds time) { end_ += time; }
  std::chrono::milliseconds left() const;
  bool over() const { return left().count() == 0; }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point end_;
};

// Waits until nobody holds the advisory locks `locks`, and so until the transaction, or the script, that held them has
// ended at the server. The time in which the process `lost`, that of the lost connection, is at work does not count;
// one that only waits for a client that is gone is ended. Throws BackendError: FLUX_E_CONNECTION when the limit is
// over, FLUX_E_CANCELLED, otherwise as Connection does. What a batch has sent behind that transaction may begin yet; it
// commits nothing once the witness of the migration lock has been renewed (MigrationLock::renew_witness), which has to
// come first.
void wait_for_end(Connection& connection, const Canceller& canceller, const std::vector<std::int64_t>& locks, int lost,
                  Limit& limit);

}  // namespace flux::postgres
