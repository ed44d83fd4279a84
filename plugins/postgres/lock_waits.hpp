// Finds out who is in the way of a statement that waits for a lock.
#pragma once

#include <chrono>
#include <string>

#include "connection.hpp"

namespace flux::postgres {

// While a statement of the process `pid` runs long, asks over `observer`, a connection in a transaction that stays
// open, whom it waits for. Without an observer (NULL) nothing is known.
class LockWaits : public Watch {
 public:
  // `lock_timeout` is what a statement may wait; 0: without end, then the log tells now and then for whom.
  LockWaits(Connection* observer, int pid, std::chrono::milliseconds lock_timeout, Host host);

  std::chrono::milliseconds look(std::chrono::milliseconds waited) override;

  // Was the process seen at work just now? A wait for others is work.
  bool at_work() const;

  // Who was seen in the way just now, a line for each; "": nobody.
  std::string blockers();

 private:
  using Clock = std::chrono::steady_clock;

  void collect();

  Connection* observer_;
  std::string question_;
  std::chrono::milliseconds interval_;
  bool tell_;
  Host host_;
  std::string blockers_;
  Clock::time_point seen_{}, seen_at_work_{};
  std::chrono::milliseconds told_{0};
};

}  // namespace flux::postgres
