// Ends waits that would take too long.
#pragma once

#include <chrono>
#include <string>

#include "connection.hpp"
#include "lock_waits.hpp"

namespace flux::postgres {

// How long the server may be silent about COMMIT, and in a batch about anything, without being seen at work.
inline constexpr std::chrono::milliseconds commit_patience{30000};
// How long the server, or a pooler that has no server connection to give, may be silent about what takes no time.
inline constexpr std::chrono::milliseconds answer_patience{10000};

// A condition on `activity`, a row of pg_stat_get_activity(): the process is doing something, not waiting for its
// client.
std::string at_work_expression(const std::string& activity);

// Gives up on an answer that should come at once: abandons `connection` and throws FLUX_E_CONNECTION.
class AnswerPatience : public Watch {
 public:
  explicit AnswerPatience(Connection& connection) : connection_(connection) {}
  std::chrono::milliseconds look(std::chrono::milliseconds waited) override;

 private:
  Connection& connection_;
};

// Gives up on a COMMIT whose answer does not come: abandons `connection` and throws FLUX_E_CONNECTION. The time in
// which `observer` (NULL: none) sees the process `pid` at work on it does not count.
class CommitPatience : public Watch {
 public:
  CommitPatience(Connection& connection, Connection* observer, int pid, Host host)
      : connection_(connection), observer_(observer), pid_(pid), host_(host) {}
  std::chrono::milliseconds look(std::chrono::milliseconds waited) override;

 private:
  bool seen_at_work();

  Connection& connection_;
  Connection* observer_;
  int pid_;
  Host host_;
  std::chrono::milliseconds excused_{0}, told_{0}, last_look_{0};
};

// Gives up on a server that is silent about what was sent while `waits` does not see it at work, and nothing moves on
// the way to it: abandons `connection` and throws FLUX_E_CONNECTION. Passes all looks on to `waits`.
class BatchPatience : public Watch {
 public:
  BatchPatience(Connection& connection, LockWaits& waits) : connection_(connection), waits_(waits) {}
  std::chrono::milliseconds look(std::chrono::milliseconds waited) override;

 private:
  Connection& connection_;
  LockWaits& waits_;
  std::chrono::milliseconds last_sign_{0};
  int unsent_ = 0;
};

}  // namespace flux::postgres
