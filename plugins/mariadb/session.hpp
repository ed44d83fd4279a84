// The state of the session that scripts run in: settings, role, temporary tables and the rest of what they may change.
#pragma once

#include <flux/backend.hpp>
#include <string>
#include <vector>

#include "connection.hpp"
#include "lexer.hpp"

namespace flux::mariadb {

// Keeps a connection's session as it was when fresh: as the server made it, with `init_sql` on top. All functions throw
// as Connection does; FLUX_E_CONFIG with the key init_sql where one of its statements fails.
class Session {
 public:
  // `database` is where a fresh session is; "": nowhere.
  Session(Connection& connection, std::string database, std::vector<std::string> init_sql);

  // How the server reads in a fresh session.
  Reading reading() const { return Reading::of(fresh_.sql_mode); }

  // Something is about to run that leaves the session not fresh. Where it is `touched`, its settings may be others.
  void use(bool touched) {
    used_ = true;
    touched_ = touched_ || touched;
  }

  // Makes the session fresh again if it was used: everything that scripts left is gone, locks of GET_LOCK too. True
  // where it was used. Outside a transaction.
  bool refresh();

  // While it lives, what of a script's settings would change what the history gets, or whether, is as in a fresh
  // session; a sql_mode of the server's that would is history_sql_mode.
  class Aside {
   public:
    explicit Aside(Session& session);
    ~Aside();
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;
    // Gives the script its settings back; the destructor does that too, but cannot say what went wrong.
    void end();

   private:
    Session& session_;
    std::vector<std::string> back_;  // what gives them back
  };

 private:
  struct Settings {
    std::string sql_mode, most_time, role, most_rows;
    bool clock_stopped = false;  // SET timestamp
    std::string clock;
  };

  void start();
  void run_init_sql();
  bool return_to_database();
  Settings look();
  std::vector<std::string> commands_for(const Settings& wanted, const Settings& now) const;

  Connection& connection_;
  std::string database_;
  std::vector<std::string> init_sql_;
  std::string first_role_;
  Settings fresh_;
  bool used_ = false, touched_ = false;
};

// What the history is written with where it is not in a script's transaction, whatever the server's default is.
inline constexpr const char* history_sql_mode = "STRICT_ALL_TABLES";

// What every session of Flux's own gets: it is silent for long while a statement runs elsewhere, and commits by itself.
inline constexpr const char* steady_session = "SET SESSION wait_timeout = 31536000, autocommit = 1";

}  // namespace flux::mariadb
