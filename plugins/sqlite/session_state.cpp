#include "session_state.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace flux::sqlite {
namespace {

// Those first that would stand in the way of restoring the others. busy_timeout is not among them: the connection
// has a handler of its own for that. foreign_keys is what the transaction cares for.
constexpr const char* pragmas[] = {
    "query_only",
    "writable_schema",
    "ignore_check_constraints",
    "legacy_alter_table",
    "recursive_triggers",
    "foreign_keys",
    "defer_foreign_keys",
    "reverse_unordered_selects",
    "read_uncommitted",
    "cell_size_check",
    "automatic_index",
    "trusted_schema",
    "full_column_names",
    "short_column_names",
    "count_changes",
    "cache_size",
    "cache_spill",
    "synchronous",
    "temp_store",
    "locking_mode",
    "threads",
    "analysis_limit",
    "secure_delete",
    "max_page_count",
    "journal_mode",
    "checkpoint_fullfsync",
    "fullfsync",
    "empty_result_callbacks",
};

// Those of them that a row of the history would not be written under, or not as it should be.
constexpr const char* disturbing_pragmas[] = {"query_only", "count_changes", "ignore_check_constraints",
                                              "max_page_count"};

std::string value_of(const Connection& connection, const std::string& pragma) {
  Query query(connection, "PRAGMA " + pragma);
  return query.step() ? query.text(0) : std::string();
}

// It has no value to be read, only an effect.
bool like_is_case_sensitive(const Connection& connection) {
  Query query(connection, "SELECT 'a' LIKE 'A'");
  query.step();
  return query.integer(0) == 0;
}

std::vector<std::string> names(const Connection& connection, const char* sql) {
  std::vector<std::string> out;
  for (Query query(connection, sql); query.step();) out.push_back(query.text(0));
  return out;
}

std::vector<std::string> attached_databases(const Connection& connection) {
  return names(connection, "SELECT name FROM pragma_database_list WHERE seq > 1");
}

// As "TABLE" and quoted name; what stands on others first.
std::vector<std::string> temporary_objects(const Connection& connection) {
  std::vector<std::string> out;
  Query query(connection,
              "SELECT type, name FROM temp.sqlite_schema WHERE type IN ('view', 'trigger', 'table')"
              " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type DESC");
  while (query.step()) out.push_back(query.text(0) + " IF EXISTS temp." + quoted(query.text(1)));
  return out;
}

std::vector<std::string> temporary_triggers(const Connection& connection, const std::string& table) {
  std::vector<std::string> out;
  Query query(connection, "SELECT name FROM temp.sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE");
  query.bind(1, std::string_view(table));
  while (query.step()) out.push_back(query.text(0));
  return out;
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// Inside a transaction SQLite refuses some of this; it is tried again behind it.
void try_to(const Connection& connection, const std::string& sql) {
  sqlite3_exec(connection.handle(), sql.c_str(), nullptr, nullptr, nullptr);
}

}  // namespace

SessionState::SessionState(const Connection& connection)
    : attached_(attached_databases(connection)), temporary_(temporary_objects(connection)) {
  for (const char* pragma : pragmas) settings_.emplace_back(pragma, value_of(connection, pragma));
  settings_.emplace_back("case_sensitive_like", like_is_case_sensitive(connection) ? "1" : "0");
}

void SessionState::restore(Connection& connection) const {
  connection.reset_patience();
  for (const auto& [pragma, value] : settings_)
    if (pragma == "case_sensitive_like" || value_of(connection, pragma) != value)
      try_to(connection, "PRAGMA " + pragma + " = " + quoted(value));
  for (const std::string& object : temporary_objects(connection))
    if (!contains(temporary_, object)) try_to(connection, "DROP " + object);
  for (const std::string& name : attached_databases(connection))
    if (!contains(attached_, name)) try_to(connection, "DETACH " + quoted(name));
}

const std::string& SessionState::setting(const std::string& pragma) const {
  const auto found =
      std::find_if(settings_.begin(), settings_.end(), [&](const auto& setting) { return setting.first == pragma; });
  if (found == settings_.end()) throw std::logic_error("PRAGMA " + pragma + " is not kept");
  return found->second;
}

UndisturbedHistory::UndisturbedHistory(Connection& connection, const SessionState& state, const std::string& table)
    : connection_(connection), patience_(connection.patience()) {
  for (const char* pragma : disturbing_pragmas) {
    const std::string now = value_of(connection, pragma), before = state.setting(pragma);
    if (now == before) continue;
    try_to(connection, "PRAGMA " + std::string(pragma) + " = " + quoted(before));
    of_script_.emplace_back(pragma, now);
  }
  for (const std::string& trigger : temporary_triggers(connection, table))
    try_to(connection, "DROP TRIGGER temp." + quoted(trigger));
  connection.reset_patience();
}

UndisturbedHistory::~UndisturbedHistory() {
  connection_.set_patience(patience_);
  for (const auto& [pragma, value] : of_script_) try_to(connection_, "PRAGMA " + pragma + " = " + quoted(value));
}

}  // namespace flux::sqlite
