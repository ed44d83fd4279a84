// Ends waits that would take too long.
#pragma once

#include <chrono>

#include "connection.hpp"

namespace flux::mariadb {

// How long the server may be silent about COMMIT without being seen at work.
inline constexpr std::chrono::milliseconds commit_patience{30000};
// How long it may be silent about what takes no time.
inline constexpr std::chrono::milliseconds answer_patience{10000};

// Gives up on an answer that should come at once: abandons `connection` and throws FLUX_E_CONNECTION.
class AnswerPatience : public Watch {
 public:
  explicit AnswerPatience(Connection& connection) : connection_(connection) {}
  std::chrono::milliseconds look(std::chrono::milliseconds waited) override;

 private:
  Connection& connection_;
};

// Gives up on a COMMIT, or what else commits, whose answer does not come: abandons `connection` and throws
// FLUX_E_CONNECTION. The time in which `observer` (NULL: none) sees the session at work on it does not count.
class CommitPatience : public Watch {
 public:
  // `what` names it in messages.
  CommitPatience(Connection& connection, Connection* observer, Host host, const char* what)
      : connection_(connection), observer_(observer), host_(host), what_(what) {}
  std::chrono::milliseconds look(std::chrono::milliseconds waited) override;

 private:
  bool seen_at_work();

  Connection& connection_;
  Connection* observer_;
  Host host_;
  const char* what_;
  std::chrono::milliseconds excused_{0}, told_{0}, last_look_{0};
};

// A condition: is the session `id` doing something, not waiting for its client?
bool at_work(Connection& observer, unsigned long id);

}  // namespace flux::mariadb
