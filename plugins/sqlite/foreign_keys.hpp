// The rows that break a foreign key, before and after a migration.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace flux::sqlite {

class Connection;

// Checks keys as SQLite asks it of those who change tables with enforcement off. Rows that broke a key before
// do not count: they are told from new ones by table, key and rowid, or, where tables were dropped, renamed or altered
// so that neither needs to be the same as before, by their number.
class ForeignKeys {
 public:
  // Notes which rows break a key now. Costs nothing where that is known from the check before.
  void note_broken(const Connection& connection);
  // Throws FLUX_E_FAILED, naming table, rowid and key, where more rows break a key than note_broken() found.
  void check(const Connection& connection, bool tables_changed);
  // The rows changed without a check, or what check() saw was taken back.
  void forget() { known_.reset(); }

 private:
  // Of one key, by table, table referred to, and SQLite's number of the key.
  using Key = std::tuple<std::string, std::string, std::int64_t>;
  // The rowids, sorted; 0 for a row of a WITHOUT ROWID table and for a key that cannot be checked at all.
  using Broken = std::map<Key, std::vector<std::int64_t>>;

  static Broken find(const Connection& connection);
  static Broken find_by_table(const Connection& connection);
  static std::string described(const Connection& connection, const Key& key, std::int64_t row);

  std::optional<Broken> known_;
  std::int64_t known_version_ = 0;  // PRAGMA data_version at that time: changes with every commit of others
};

}  // namespace flux::sqlite
