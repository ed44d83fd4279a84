// The table that records what was applied.
#pragma once

#include <flux/backend.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection.hpp"

namespace flux::mariadb {

// Reads and writes the history. A table that lacks columns is read as it is and gets them by complete_it(). All
// functions throw as Connection does.
class HistoryTable {
 public:
  // `database`: "" for the one that the URI names.
  HistoryTable(std::string database, std::string table)
      : given_database_(std::move(database)), table_(std::move(table)) {}

  // Forgets what was seen and is from now on in `database` where it has none of its own; throws FLUX_E_CONNECTION where
  // neither names one.
  void enter(const std::string& database);
  // Another run may have changed the table since it was seen.
  void forget() { columns_.reset(); }
  const std::string& database() const { return database_; }
  const std::string& table() const { return table_; }

  // Hands over each row of `name_space` as it comes; none where there is no table.
  // Without `undo_texts` the undo scripts are left at the server: a row that has one has "".
  void list(Connection& connection, std::string_view name_space, bool undo_texts,
            const std::function<void(const HistoryRow&)>& emit);
  // The script that a row keeps.
  std::optional<std::string> script(Connection& connection, std::string_view name_space, std::string_view id);

  // Creates what is missing: the database, where it is one of its own, the table, its columns. Outside a transaction.
  void complete_it(Connection& connection);

  // Writes one row, replacing one of the same key; throws FLUX_E_CONFLICT where there is one and the row says that it
  // is new, FLUX_E_FAILED where it is longer than the server takes.
  void write(Connection& connection, const HistoryRow& row) const;
  // False where there was none.
  bool remove(Connection& connection, std::string_view name_space, std::string_view id) const;

 private:
  const std::vector<std::string>& columns(Connection& connection);
  bool has(const char* column) const;
  std::string name() const { return quoted_name(database_) + '.' + quoted_name(table_); }
  std::string key_condition(std::string_view name_space, std::string_view id) const;
  void create(Connection& connection) const;
  void require_room(Connection& connection, const HistoryRow& row, std::size_t length) const;
  [[noreturn]] void refuse_table(const std::string& why) const;

  std::string given_database_, table_, database_;
  std::optional<std::vector<std::string>> columns_;  // as last looked at; empty: there is no table
};

}  // namespace flux::mariadb
