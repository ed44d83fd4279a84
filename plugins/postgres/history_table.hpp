// The table that records what was applied.
#pragma once

#include <flux/backend.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "connection.hpp"

namespace flux::postgres {

// Reads and writes the history. A table of the Python tool (id, hash, applied_at; key id) is read as it is and
// gets what it lacks by complete_it(). All functions throw as Connection does.
class HistoryTable {
 public:
  // `lock_id` is the advisory lock that complete_it() takes.
  HistoryTable(std::string schema, std::string table, std::int64_t lock_id);

  // An expression for one boolean: is there a table? For known_exists(), so that list() need not ask.
  std::string exists_expression(const Connection& connection) const;
  void known_exists(const std::string& exists);
  // An expression for one text: what there is of it. For known_state(), so that complete() need not ask.
  std::string state_expression(const Connection& connection) const;
  void known_state(const std::string& state);

  // Hands over each row of `name_space` as it comes; none where there is no table. One query where there is one.
  // Without `undo_texts` the undo scripts are left at the server: a row that has one has "".
  void list(Connection& connection, std::string_view name_space, bool undo_texts,
            const std::function<void(const HistoryRow&)>& emit);

  // The script that a row keeps.
  std::optional<std::string> script(Connection& connection, std::string_view name_space, std::string_view id);

  // Was all there when last looked at: the schema, the table, its columns and its key?
  bool complete(Connection& connection);
  // Creates the schema and the table, or adds the columns and the key that it lacks. Inside a transaction; waits until
  // another one that does the same has ended.
  void complete_it(Connection& connection);
  // That transaction is committed.
  void completed() { seen_ = true, complete_ = true; }

  // One command and its parameters.
  struct Command {
    std::string sql;
    Parameters parameters;
  };
  // Writes one row as write() does. A duration that is not known becomes the time since the transaction began where it
  // is to be `measured`. Returns the duration.
  Command write_command(const Connection& connection, const HistoryRow& row, bool measured) const;
  // Removes one row, failing with division_by_zero where there is none. Returns the time since the transaction began.
  Command remove_command(const Connection& connection, const HistoryRow& row) const;
  // An expression for one boolean: is there a row of this key?
  std::string has_row_expression(const Connection& connection, const HistoryRow& row) const;
  // What the failure of write_command() means: FLUX_E_CONFLICT, where the row is new and there is one.
  static BackendError write_error(const BackendError& error, const HistoryRow& row);

  // Writes one row, replacing one of the same key; throws FLUX_E_CONFLICT where there is one and the row says that it
  // is new.
  void write(Connection& connection, const HistoryRow& row);
  // False where there was none.
  bool remove(Connection& connection, std::string_view name_space, std::string_view id);

 private:
  struct Shape;

  Shape inspect(Connection& connection) const;
  void change(Connection& connection, const Shape& shape) const;
  std::string name_in(const Connection& connection) const;
  std::string class_condition(const Connection& connection) const;
  bool exists(Connection& connection);
  [[noreturn]] void refuse_table(const std::string& why) const;

  std::string schema_, table_;
  std::int64_t lock_id_;
  bool seen_ = false;             // the table was there when last looked at
  std::optional<bool> complete_;  // nullopt: not looked at
};

}  // namespace flux::postgres
