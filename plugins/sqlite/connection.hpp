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

#include "cancellation.hpp"

namespace flux::sqlite {

// An open database. While it waits for other processes it listens to `cancellation`, which must outlive it.
class Connection {
 public:
  // Opens `file` (":memory:", a path, or with SQLITE_OPEN_URI a file: URI); `flags` as for sqlite3_open_v2.
  // Throws FLUX_E_CONNECTION.
  Connection(const std::string& file, int flags, std::chrono::milliseconds busy_timeout, Cancellation& cancellation);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  sqlite3* handle() const { return handle_.get(); }
  bool in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }
  bool read_only() const { return sqlite3_db_readonly(handle(), "main") == 1; }
  const Cancellation& cancellation() const { return cancellation_; }

  // Runs the statements of `sql` and drops their rows. Throws error(FLUX_E_FAILED).
  void execute(const std::string& sql) const;
  // Makes the connection wait for others as configured, whatever was set in between.
  void install_busy_handler();
  // What went wrong last: FLUX_E_CANCELLED or FLUX_E_NOMEM where it was that, else `otherwise`.
  BackendError error(flux_status_code otherwise) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  static int wait(void* self, int tries);

  Cancellation& cancellation_;
  std::chrono::milliseconds busy_timeout_;
  std::chrono::steady_clock::time_point wait_ends_{};
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
