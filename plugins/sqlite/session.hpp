// An open database with the settings of the project.
#pragma once

#include <optional>
#include <string>

#include "connection.hpp"
#include "foreign_keys.hpp"
#include "session_state.hpp"
#include "settings.hpp"
#include "target.hpp"

namespace flux::sqlite {

class Session {
 public:
  // Opens the target, which is created where it does not exist if `may_create`, and runs init_sql. Throws
  // FLUX_E_CONNECTION where there is no SQLite database to be used, FLUX_E_BUSY where another program keeps it for
  // itself, FLUX_E_CONFIG for what is wrong in init_sql.
  Session(const Settings& settings, const Target& target, bool may_create, Cancellation& cancellation);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Connection& connection() { return *connection_; }
  ForeignKeys& foreign_keys() { return foreign_keys_; }

  // Makes ready for the first write: throws FLUX_E_FAILED for a database that cannot be written, sets the journal
  // mode, and notes the state that restore() goes back to.
  void prepare_to_write();
  // The state noted by prepare_to_write().
  const SessionState& state_before_scripts() const { return *state_; }
  // Takes back what a script did to the session, inside a transaction as far as SQLite does that there. Needs
  // prepare_to_write().
  void restore() { state_->restore(*connection_); }

 private:
  void open(const std::string& file, int flags);
  void run_init_sql();
  void set_journal_mode();
  // The first value that a statement answers.
  std::string answer(const std::string& sql) const;

  const Settings& settings_;
  const Target& target_;
  Cancellation& cancellation_;
  std::optional<Connection> connection_;
  std::optional<SessionState> state_;  // set: ready to write
  ForeignKeys foreign_keys_;
  bool keeps_journal_ = false;  // in place of making one for each transaction
};

}  // namespace flux::sqlite
