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

  // An expression for one boolean: is there a table? For known().
  std::string exists_expression(const Connection& connection) const;
  // Tells what exists_expression() gave ("t": there is), so that list() need not ask.
  void known(const std::string& exists) { seen_ = exists == "t"; }

  // Hands over each row of `name_space` as it comes; none where there is no table. One query where there is one.
  // Without `undo_texts` the undo scripts are left at the server: a row that has one has "".
  void list(Connection& connection, std::string_view name_space, bool undo_texts,
            const std::function<void(const HistoryRow&)>& emit);

  // The script that a row keeps.
  std::optional<std::string> script(Connection& connection, std::string_view name_space, std::string_view id);

  // Is all there: the schema, the table, its columns and its key?
  bool complete(Connection& connection);
  // Creates the schema and the table, or adds the columns and the key that it lacks. Inside a transaction; waits until
  // another one that does the same has ended.
  void complete_it(Connection& connection);

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
  bool exists(Connection& connection);
  [[noreturn]] void refuse_table(const std::string& why) const;

  std::string schema_, table_;
  std::int64_t lock_id_;
  bool seen_ = false;  // the table was there when last looked at
};

}  // namespace flux::postgres
