// One connection to a server: commands in, results or errors out.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <flux/backend.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "canceller.hpp"
#include "conninfo.hpp"
#include "server_error.hpp"

namespace flux::postgres {

// Parameters of a statement ($1, ...) in text form; none: NULL.
using Parameters = std::vector<std::optional<std::string>>;

// Looks on while a call waits for the server's answer.
class Watch {
 public:
  virtual ~Watch() = default;
  // `waited` is the time since the last result came; 0 when a wait begins. Returns after how long it wants to be called
  // again. What it throws ends the call; it has to abandon() the connection before.
  virtual std::chrono::milliseconds look(std::chrono::milliseconds waited) = 0;
};

// An open connection, closed when destroyed. The server's notices become log lines.
//
// All functions that talk to the server throw BackendError: FLUX_E_CONNECTION where the connection is lost,
// FLUX_E_CANCELLED where the server stopped because `canceller` asked it to, FLUX_E_BUSY where somebody else was in the
// way, else FLUX_E_FAILED.
class Connection {
 public:
  // Connects, within connect_timeout for each host. Throws FLUX_E_AUTH or FLUX_E_CONNECTION, also for a server
  // older than 13. With a `canceller`, which must outlive it, its commands are those that are cancelled.
  Connection(const Conninfo& conninfo, Host host, Canceller* canceller);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs one or more commands (the whole text is one message) and returns the last one's result.
  Result run(const std::string& sql);
  // Runs one command with parameters.
  Result run(const std::string& sql, const Parameters& parameters);

  // Sends commands of `asker` without waiting; false where an answer is outstanding still. The next other command drops
  // it.
  bool ask(const std::string& sql, const void* asker);
  // The last result of what `asker` asked; NULL as long as it is not there, and where somebody else asked. Never waits.
  Result answer(const void* asker);

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

  // Sends commands, whose results next() then returns; rows come one by one, so that none are kept in memory.
  void send_row_by_row(const std::string& sql);
  // Runs one query and hands over each row as it comes, in a result of its own. What `take` throws ends it.
  void rows_of(const std::string& sql, const std::function<void(const PGresult*)>& take);
  // The next result, failed ones too, or NULL after the last.
  Result next();
  // Feeds COPY ... FROM STDIN, after next() returned PGRES_COPY_IN. With an `error` the server makes the COPY fail.
  void feed(std::string_view data, const char* error = nullptr);
  // Reads what COPY ... TO STDOUT sends, after next() returned PGRES_COPY_OUT, and drops it.
  void drop_copied();
  // Throws the error of a failed result (NULL: the connection is lost). `code` is for what the server refused.
  [[noreturn]] void fail(const PGresult* result, flux_status_code code) const;

  // False once the connection is known to be lost; looks at what has arrived, without asking the server.
  bool alive();
  // Gives the connection up at once, whatever it waits for: it is lost from now on.
  void abandon() noexcept;
  // How many bytes are on the way to the server, as far as the system knows.
  int unsent() const;
  // The process at the other end: the server's, or what a pooler says it is.
  int process() const { return PQbackendPID(connection_.get()); }
  PGTransactionStatusType transaction_status() const { return PQtransactionStatus(connection_.get()); }
  int server_version() const { return PQserverVersion(connection_.get()); }
  // A setting as the server last reported it: "server_encoding", "client_encoding", ... "" for others.
  std::string setting(const char* name) const;
  // "postgresql user@host:port/database (server 15.20)".
  std::string description() const;
  // The name as it must stand in SQL, within double quotes.
  std::string quoted_name(const std::string& name) const;
  // The text as an SQL literal.
  std::string quoted_text(const std::string& text) const;

 private:
  friend class Pipeline;

  struct Close {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };

  static void on_notice(void* self, const PGresult* notice) noexcept;
  std::string escaped(char* (*escape)(PGconn*, const char*, std::size_t), const std::string& text) const;
  void drop_answer();
  void send(const std::string& sql);
  int send_parameters(const std::string& sql, const Parameters& parameters);
  void wait_for_result();
  Result last_result();

  Host host_;
  Canceller* canceller_;
  std::unique_ptr<PGconn, Close> connection_;
  Watch* watch_ = nullptr;
  bool asked_ = false;  // an answer is outstanding
  const void* asker_ = nullptr;
  Result answer_;  // what of it is there
};

}  // namespace flux::postgres
