// What a session has been set to, so that it can be had again.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "connection.hpp"

namespace flux::sqlite {

// The settings, attached databases and temporary objects of a session, as they were at one moment.
class SessionState {
 public:
  explicit SessionState(const Connection& connection);

  // Puts the session back into that state: settings, databases attached since, temporary objects made since. Inside a
  // transaction SQLite refuses some of it, which is left as it is; done again behind the transaction, everything
  // is restored.
  void restore(Connection& connection) const;

  // What `pragma`, one that a script may change, was set to.
  const std::string& setting(const std::string& pragma) const;

 private:
  std::vector<std::pair<std::string, std::string>> settings_;  // pragma, value
  std::vector<std::string> attached_, temporary_;
};

// While it lives, rows of the history are written as in a session that no script has changed; then everything is again
// as the script has it. Triggers that a script has put on the history for itself are dropped.
class UndisturbedHistory {
 public:
  // `state`: from before the script. `table`: of the history. Both must outlive this.
  UndisturbedHistory(Connection& connection, const SessionState& state, const std::string& table);
  ~UndisturbedHistory();
  UndisturbedHistory(const UndisturbedHistory&) = delete;
  UndisturbedHistory& operator=(const UndisturbedHistory&) = delete;

 private:
  Connection& connection_;
  Connection::Patience patience_;
  std::vector<std::pair<std::string, std::string>> of_script_;  // pragma, value
};

}  // namespace flux::sqlite
