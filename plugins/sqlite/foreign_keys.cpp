#include "foreign_keys.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "connection.hpp"

namespace flux::sqlite {
namespace {

constexpr std::size_t most_named = 10;

std::int64_t data_version(const Connection& connection) {
  Query query(connection, "PRAGMA main.data_version");
  query.step();
  return query.integer(0);
}

template <class Broken>
std::size_t count(const Broken& broken) {
  std::size_t rows = 0;
  for (const auto& [key, rowids] : broken) rows += rowids.size();
  return rows;
}

// The rows of `after` that are not in `before`.
template <class Broken>
Broken difference(const Broken& after, const Broken& before) {
  Broken out;
  for (const auto& [key, rowids] : after) {
    const auto old = before.find(key);
    std::vector<std::int64_t> fresh;
    if (old == before.end()) {
      fresh = rowids;
    } else {
      std::set_difference(rowids.begin(), rowids.end(), old->second.begin(), old->second.end(),
                          std::back_inserter(fresh));
    }
    if (!fresh.empty()) out.emplace(key, std::move(fresh));
  }
  return out;
}

template <class Broken>
std::map<std::string, std::size_t> count_by_table(const Broken& broken) {
  std::map<std::string, std::size_t> counts;
  for (const auto& [key, rowids] : broken) counts[std::get<0>(key)] += rowids.size();
  return counts;
}

bool is_table(const Connection& connection, const std::string& name) {
  Query query(connection, "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?");
  return query.bind(1, std::string_view(name)).step();
}

// Takes out of `fresh` what may be old rows with new rowids, in a migration that made tables anew or renamed them: those
// of a table that has no more of them than before, and as many as there were in tables that are gone.
template <class Broken>
void excuse_moved_rows(const Connection& connection, Broken& fresh, const Broken& before, const Broken& after) {
  const auto old_counts = count_by_table(before), new_counts = count_by_table(after);
  for (auto at = fresh.begin(); at != fresh.end();) {
    const std::string& table = std::get<0>(at->first);
    const auto old = old_counts.find(table);
    at = old != old_counts.end() && new_counts.at(table) <= old->second ? fresh.erase(at) : std::next(at);
  }
  std::size_t gone = 0;
  for (const auto& [table, rows] : old_counts)
    if (!is_table(connection, table)) gone += rows;
  if (count(fresh) <= gone) fresh.clear();
}

}  // namespace

void ForeignKeys::note_broken(const Connection& connection) {
  const std::int64_t version = data_version(connection);
  if (known_ && known_version_ == version) return;
  known_ = find(connection);
  known_version_ = version;
}

void ForeignKeys::check(const Connection& connection, bool tables_changed) {
  Broken after = find(connection);
  const Broken& before = known_.value();
  Broken fresh = difference(after, before);
  if (tables_changed && !fresh.empty()) excuse_moved_rows(connection, fresh, before, after);
  if (fresh.empty()) {
    known_ = std::move(after);
    return;
  }
  std::string detail;
  std::size_t named = 0;
  const std::size_t rows = count(fresh);
  for (const auto& [key, rowids] : fresh)
    for (const std::int64_t rowid : rowids)
      if (named++ < most_named) detail += (detail.empty() ? "" : "\n") + described(connection, key, rowid);
  if (rows > most_named) detail += "\n… and " + std::to_string(rows - most_named) + " more";
  const std::string message = rows == 1
                                  ? "the migration leaves 1 row that breaks a foreign key"
                                  : "the migration leaves " + std::to_string(rows) + " rows that break a foreign key";
  throw BackendError(FLUX_E_FAILED, message)
      .detail(detail)
      .hint("correct these rows, or what they refer to, in the migration")
      .sqlstate("SQLITE_CONSTRAINT_FOREIGNKEY");
}

ForeignKeys::Broken ForeignKeys::find(const Connection& connection) {
  Broken broken;
  try {
    Query query(connection, "PRAGMA main.foreign_key_check");
    while (query.step()) broken[{query.text(0), query.text(2), query.integer(3)}].push_back(query.integer(1));
  } catch (const BackendError& error) {
    // One key that refers to columns which are not unique ends the check of all.
    if (error.sqlstate() != "SQLITE_ERROR") throw;
    return find_by_table(connection);
  }
  for (auto& [key, rowids] : broken) std::sort(rowids.begin(), rowids.end());
  return broken;
}

ForeignKeys::Broken ForeignKeys::find_by_table(const Connection& connection) {
  Broken broken;
  std::vector<std::string> tables;
  for (Query query(connection, "SELECT name FROM main.sqlite_schema WHERE type = 'table'"); query.step();)
    tables.push_back(query.text(0));
  for (const std::string& table : tables) {
    try {
      Query query(connection, "PRAGMA main.foreign_key_check(" + quoted(table) + ")");
      while (query.step()) broken[{table, query.text(2), query.integer(3)}].push_back(query.integer(1));
    } catch (const BackendError& error) {
      if (error.sqlstate() != "SQLITE_ERROR") throw;
      broken[{table, error.what(), -1}].push_back(0);
    }
  }
  for (auto& [key, rowids] : broken) std::sort(rowids.begin(), rowids.end());
  return broken;
}

// "orders: rowid 7: (customer_id) refers to customers (id)"
std::string ForeignKeys::described(const Connection& connection, const Key& key, std::int64_t row) {
  const auto& [table, parent, number] = key;
  if (number < 0) return table + ": " + parent;
  std::string from, to;
  Query query(connection, "PRAGMA main.foreign_key_list(" + quoted(table) + ")");
  while (query.step()) {
    if (query.integer(0) != number) continue;
    from += (from.empty() ? "" : ", ") + query.text(3);
    if (query.type(4) != SQLITE_NULL) to += (to.empty() ? "" : ", ") + query.text(4);
  }
  const std::string where = row == 0 ? ": " : ": rowid " + std::to_string(row) + ": ";
  return table + where + "(" + from + ") refers to " + parent + (to.empty() ? "" : " (" + to + ")");
}

}  // namespace flux::sqlite
