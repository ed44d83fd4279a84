// The state of a session: settings, role, temporary tables and the rest of what scripts may change.
#pragma once

#include <string>
#include <vector>

#include "connection.hpp"

namespace flux::postgres {

// Keeps a connection's session as it was when fresh: as the server made it, with `init_sql` on top. Behind a pooler,
// where each transaction may get another server connection, nothing may outlive a transaction: each one is entered and
// left. All functions throw as Connection does; FLUX_E_CONFIG with the key init_sql where one of its statements fails.
class Session {
 public:
  // Makes the session fresh. Evaluates the SQL expression `first` with the first message and keeps its value. Without
  // `to_work` it is for looking only, until prepare_sql(): the server need not watch over it.
  Session(Connection& connection, Host host, std::vector<std::string> init_sql, const std::string& first, bool to_work);

  const std::string& first_value() const { return first_value_; }

  // Is there a pooler between us and the server?
  bool pooled() const { return pooled_; }
  // Must a command that runs for itself get a transaction, to run in a fresh session?
  bool needs_transaction() const { return pooled_ && !init_sql_.empty(); }

  // One message with what is to be set and known before scripts run. Its result is one row, for prepared(), with the
  // value of the SQL expression `more` behind it.
  std::string prepare_sql(const std::string& more) const;
  // Returns that value.
  std::string prepared(const PGresult* row);

  // A script is about to run: the session will not be fresh any more. It `calls` what is not known: there may be event
  // triggers from now on.
  void use(bool calls = true) {
    used_ = true;
    loud_ = loud_ || calls;
  }

  // May even statements that are quiet change the session? Through event triggers, or because their schema is
  // temporary.
  bool loud() const { return loud_; }

  // Makes the session fresh again if it was used: everything that scripts left is gone. True where it was used.
  // Outside a transaction.
  bool refresh();

  // What to send together with BEGIN, and what to do then.
  const std::string& enter_sql() const { return enter_sql_; }
  void enter();
  // What to send ahead of COMMIT, and behind ROLLBACK in one message with it.
  const std::string& leave_sql() const { return leave_sql_; }

  // Inside a transaction, after a script: user, role and settings as in a fresh session, so that the history is
  // written under them. Of `init_sql` only the user, the role and the time zone count here. Returns the transaction's
  // id.
  std::string reset_settings();

  // What reset_settings() sends, without the id.
  std::string reset_sql() const;

  // The same, as far as it matters to the history, but only until the transaction ends.
  void step_aside();

  // Inside a transaction, between two scripts, what reset_settings() has left: temporary tables, prepared statements,
  // cursors, session locks; then `init_sql` again. LISTEN alone is taken away with the next COMMIT.
  void separate_scripts();
  // What separate_scripts() sends ahead of init_sql.
  std::string separate_sql() const;
  const std::vector<std::string>& init_sql() const { return init_sql_; }
  // What the failure of one of its statements means.
  static BackendError init_error(const BackendError& error);

 private:
  // Who runs what, and when it thinks it is.
  struct Identity {
    std::string user, role, zone;
  };

  void run_init_sql();
  void note_identity(const PGresult* row);

  Connection& connection_;
  std::vector<std::string> init_sql_;
  Identity identity_;       // of a fresh session
  std::string start_sql_;   // begins every session that is to work
  std::string return_sql_;  // what of init_sql outlives a reset of the settings
  std::string enter_sql_, leave_sql_;
  std::string first_value_;
  bool pooled_ = false;
  bool loud_ = true;  // as long as it is not known
  bool used_ = false;
};

// Makes the server notice within half a minute that its client is silent for good, and within a second that it is gone
// while a statement runs (where it can). Does nothing behind a pooler, or only for the transaction that it runs in.
std::string watchful_server(const Connection& connection);

}  // namespace flux::postgres
