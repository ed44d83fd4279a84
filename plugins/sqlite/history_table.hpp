// The history in a SQLite database.
#pragma once

#include <flux/backend.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "connection.hpp"

namespace flux::sqlite {

// One table of the database itself, whatever a temporary table of the same name holds. Reads tables of flux-migrations
// (Python) as well; writes only what HistoryUpgrade has made ready. Throws FLUX_E_FAILED.
class HistoryTable {
 public:
  explicit HistoryTable(std::string table);

  // One query, and no more than the right to read; nothing where there is no such table. Scripts are not read, undo
  // scripts only with `undo_texts`: else a row that has one has "".
  void list(const Connection& connection, std::string_view name_space, bool undo_texts,
            const std::function<void(const HistoryRow&)>& emit) const;
  // The script that a row keeps, if there is one.
  std::optional<std::string> read_script(const Connection& connection, std::string_view name_space,
                                         std::string_view id) const;
  // Writes a row, in place of one with the same key, whose columns unknown to Flux stay; FLUX_E_CONFLICT where the row
  // is to be new and there is such a one.
  void put(const Connection& connection, const HistoryRow& row) const;
  // Deletes a row; false: there was none.
  bool remove(const Connection& connection, std::string_view name_space, std::string_view id) const;

 private:
  std::string table_, insert_;
};

}  // namespace flux::sqlite
