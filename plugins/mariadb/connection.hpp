// One connection to a server: statements in, rows or errors out.
#pragma once

#include <mysql.h>

#include <chrono>
#include <flux/backend.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "canceller.hpp"
#include "server_error.hpp"

namespace flux::mariadb {

// One row of a result in text form; nullopt: NULL.
using Values = std::vector<std::optional<std::string>>;

// Looks on while a call waits for the server's answer.
class Watch {
 public:
  virtual ~Watch() = default;
  // `waited` is the time since the statement was sent; 0 when the wait begins. Returns after how long it wants to be
  // called again. What it throws ends the call; it has to abandon() the connection before.
  virtual std::chrono::milliseconds look(std::chrono::milliseconds waited) = 0;
};

// An open connection, closed when destroyed.
//
// All functions that talk to the server throw BackendError: FLUX_E_CONNECTION where the connection is lost,
// FLUX_E_CANCELLED where the server stopped because `canceller` asked it to, FLUX_E_BUSY where somebody else was in the
// way, else FLUX_E_FAILED; a Refused where the server itself said so.
class Connection {
 public:
  // Connects. Throws FLUX_E_AUTH or FLUX_E_CONNECTION. With a `canceller`, which must outlive it, its statements are
  // those that are cancelled.
  Connection(const TargetUri& uri, Canceller* canceller);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs one statement and returns the rows of its last result.
  std::vector<Values> run(std::string_view sql);
  // The first row; FLUX_E_FAILED where there is none.
  Values row(std::string_view sql);
  // The first value of the first row; nullopt: NULL, or there is no row.
  std::optional<std::string> value(std::string_view sql);
  // Runs one statement of a script, all of whose rows are dropped. `code` is for what the server refused.
  void run_and_drop(std::string_view sql, flux_status_code code);
  // Runs one query and hands over each row as it comes. What `take` throws ends it.
  void rows_of(std::string_view sql, const std::function<void(const Values&)>& take);
  // Makes the session as the server makes it for a new connection, but for its database and its role, and in utf8mb4.
  void reset();

  // Has `watch` look on until destroyed.
  class Watched {
   public:
    Watched(Connection& connection, Watch& watch) : connection_(connection) { connection_.watch_ = &watch; }
    ~Watched() { connection_.watch_ = nullptr; }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

   private:
    Connection& connection_;
  };

  // False once the connection is known to be lost; looks at what has arrived, without asking the server.
  bool alive() const;
  // Gives the connection up at once, whatever it waits for: it is lost from now on.
  void abandon() noexcept;
  // Of the session at the server.
  unsigned long id() const { return id_; }
  // As of the last answer: has a transaction begun, and are statements outside of one committed at once?
  bool in_transaction() const { return (handle_->server_status & SERVER_STATUS_IN_TRANS) != 0; }
  bool autocommit() const { return (handle_->server_status & SERVER_STATUS_AUTOCOMMIT) != 0; }
  // Rows that the last statement changed.
  std::uint64_t affected() const { return affected_; }
  bool is_mariadb() const { return mariadb_; }
  // As a number: 80017 for 8.0.17.
  unsigned long server_version() const { return mysql_get_server_version(handle_.get()); }
  // "mariadb user@host:port/database (server 10.11.6-MariaDB)".
  std::string description() const;

 private:
  using Take = std::function<void(const Values&)>;

  void execute(std::string_view sql, flux_status_code code, const Take& take);
  void take_results(std::string_view sql, flux_status_code code, const Take& take);
  void wait_for_answer();
  void absorb_residue();
  [[noreturn]] void fail(std::string_view sql, flux_status_code code);

  TargetUri uri_;
  Canceller* canceller_;
  Handle handle_;
  unsigned long id_ = 0;
  bool mariadb_ = false, lost_ = false;
  std::uint64_t affected_ = 0;
  Watch* watch_ = nullptr;
};

// The name as it must stand in SQL, within backticks.
std::string quoted_name(std::string_view name);
// The text as an SQL literal that means the same whatever sql_mode and character set a script has set.
std::string quoted_text(std::string_view text);

}  // namespace flux::mariadb
