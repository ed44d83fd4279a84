// The state of a session: settings, role, temporary tables and the rest of what scripts may change.
#pragma once

#include <string>
#include <vector>

#include "connection.hpp"

namespace flux::postgres {

// Keeps a connection's session as it was when fresh: as the server made it, with `init_sql` on top. All functions
// throw as Connection does; FLUX_E_CONFIG with the key init_sql where one of its statements fails.
class Session {
 public:
  // Makes the session fresh. Runs `first_query` with the first message and keeps its result.
  Session(Connection& connection, std::vector<std::string> init_sql, const std::string& first_query);

  // The result of the first query.
  const PGresult* first_result() const { return first_result_.get(); }

  // A script is about to run: the session will not be fresh any more.
  void use() { used_ = true; }

  // Makes the session fresh again if it was used: everything that scripts left is gone. Outside a transaction.
  void refresh();

  // Inside a transaction, after a script: user, role and settings as in a fresh session, so that the history is
  // written under them. Of `init_sql` only the user, the role and the time zone count here. Returns the transaction's
  // id.
  std::string reset_settings();

  // Inside a transaction, between two scripts, what reset_settings() has left: temporary tables, prepared statements,
  // cursors, session locks; then `init_sql` again.
  void separate_scripts();

 private:
  void run_init_sql();

  Connection& connection_;
  std::vector<std::string> init_sql_;
  std::string start_sql_;   // begins every fresh session
  std::string return_sql_;  // what of init_sql outlives a reset of the settings
  Result first_result_;
  bool used_ = false;
};

}  // namespace flux::postgres
