// What a session has been set to, so that it can be had again.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace flux::sqlite {

class Connection;

// The settings, attached databases and temporary objects of a session, as they were at one moment.
class SessionState {
 public:
  explicit SessionState(const Connection& connection);

  // Puts the session back into that state: settings, databases attached since, temporary objects made since. Inside a
  // transaction SQLite refuses some of it, which is left as it is; done again behind the transaction, everything
  // is restored.
  void restore(Connection& connection) const;

 private:
  std::vector<std::pair<std::string, std::string>> settings_;  // pragma, value
  std::vector<std::string> attached_, temporary_;
};

}  // namespace flux::sqlite
