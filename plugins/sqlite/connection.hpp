// A SQLite connection and a statement on it.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <flux/backend.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cancellation.hpp"

namespace flux::sqlite {

// An open database. What runs on it, and its waiting for other processes, ends when `cancellation` says so, which must
// outlive it.
class Connection {
 public:
  using milliseconds = std::chrono::milliseconds;
  static constexpr milliseconds without_end{-1};

  // Opens `file` (":memory:", a path, or with SQLITE_OPEN_URI a file: URI); `flags` as for sqlite3_open_v2.
  // Throws FLUX_E_CONNECTION.
  Connection(const std::string& file, int flags, milliseconds busy_timeout, Cancellation& cancellation);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  sqlite3* handle() const { return handle_.get(); }
  bool in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }
  bool read_only() const { return sqlite3_db_readonly(handle(), "main") == 1; }
  const Cancellation& cancellation() const { return cancellation_; }

  // Runs the statements of `sql` and drops their rows. Throws error(FLUX_E_FAILED).
  void execute(const std::string& sql) const;

  // How long the connection waits for other processes, and whether a script has said so.
  struct Patience {
    milliseconds limit;
    bool of_script = false;
  };
  Patience patience() const { return patience_; }
  void set_patience(Patience patience);
  // As configured, whatever was set in between.
  void reset_patience() { set_patience({busy_timeout_}); }
  // Takes over what a script's PRAGMA busy_timeout has just set, so that this waiting can be cancelled as well.
  void adopt_busy_timeout();

  // Interrupts what runs longer than `limit` from now on; zero or less: nothing.
  void set_time_limit(milliseconds limit);

  // What went wrong last: FLUX_E_CANCELLED, FLUX_E_NOMEM, or FLUX_E_BUSY where it was that, else `otherwise`.
  BackendError error(flux_status_code otherwise) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  static int wait(void* self, int tries);
  static int is_to_end(void* self);
  bool over_time_limit() const;
  std::vector<std::string> files() const;

  Cancellation& cancellation_;
  milliseconds busy_timeout_;
  Patience patience_;
  std::chrono::steady_clock::time_point wait_ends_{}, time_limit_ends_{};
  milliseconds time_limit_{0};
  std::unique_ptr<sqlite3, Close> handle_;
};

// One prepared statement. Throws Connection::error(FLUX_E_FAILED).
class Query {
 public:
  Query(const Connection& connection, std::string_view sql);

  // Parameters count from 1. Texts must outlive the query.
  Query& bind(int parameter, std::string_view value);
  Query& bind(int parameter, std::int64_t value);
  Query& bind(int parameter, const std::optional<std::string>& value);  // nullopt: NULL

  // Goes to the next row; false: there is none.
  bool step();
  int column_count() const { return sqlite3_column_count(statement_.get()); }
  std::string_view column_name(int column) const { return sqlite3_column_name(statement_.get(), column); }
  // Columns count from 0. NULL is "" and 0.
  std::string text(int column) const;
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  double real(int column) const { return sqlite3_column_double(statement_.get(), column); }
  int type(int column) const { return sqlite3_column_type(statement_.get(), column); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void check(int result) const;

  const Connection& connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// `name` as an identifier in SQL: "we""ird".
std::string quoted(std::string_view name);

}  // namespace flux::sqlite
