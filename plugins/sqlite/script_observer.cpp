#include "script_observer.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "connection.hpp"

namespace flux::sqlite {
namespace {

// Pragmas that, given a value, only answer something, or write to the database and nowhere else.
constexpr std::array<std::string_view, 14> harmless_pragmas = {
    "application_id", "foreign_key_check", "foreign_key_list", "incremental_vacuum", "index_info",
    "index_list",     "index_xinfo",       "integrity_check",  "optimize",           "quick_check",
    "table_info",     "table_list",        "table_xinfo",      "user_version"};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sqlite3_strnicmp(a.data(), b.data(), static_cast<int>(a.size())) == 0;
}

bool is_harmless_pragma(std::string_view name, bool in_transaction) {
  // SQLite ignores it inside a transaction, which is how most scripts that rebuild a table use it.
  if (equal_ignoring_case(name, "foreign_keys")) return in_transaction;
  return std::any_of(harmless_pragmas.begin(), harmless_pragmas.end(),
                     [&](std::string_view known) { return equal_ignoring_case(known, name); });
}

// SQLite's own tables are written by every CREATE, ANALYZE, ….
bool is_internal(const char* table) { return table != nullptr && sqlite3_strnicmp(table, "sqlite_", 7) == 0; }

}  // namespace

ScriptObserver::ScriptObserver(const Connection& connection)
    : handle_(connection.handle()), in_transaction_(connection.in_transaction()) {
  sqlite3_set_authorizer(handle_, &ScriptObserver::authorize, this);
}

ScriptObserver::~ScriptObserver() { sqlite3_set_authorizer(handle_, nullptr, nullptr); }

int ScriptObserver::authorize(void* self, int action, const char* first, const char* second, const char* database,
                              const char*) {
  auto& observer = *static_cast<ScriptObserver*>(self);
  const bool reads = action == SQLITE_READ || action == SQLITE_SELECT || action == SQLITE_FUNCTION;
  if (!reads && database != nullptr && std::string_view(database) == "temp") observer.changes_session_ = true;
  observer.note(action, first, second);
  return SQLITE_OK;
}

void ScriptObserver::note(int action, const char* first, const char* second) {
  switch (action) {
    case SQLITE_TRANSACTION:
      transaction_control_ = first;
      break;
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
      changes_session_ = true;
      break;
    case SQLITE_PRAGMA:
      if (second != nullptr) note_pragma(first, second);
      break;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      if (!is_internal(first)) changes_rows_ = true;
      break;
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_VTABLE:
    case SQLITE_ALTER_TABLE:
      changes_rows_ = true;
      changes_tables_ = true;
      break;
    // A key needs a unique index on what it refers to.
    case SQLITE_DROP_INDEX:
      changes_rows_ = true;
      break;
    default:
      break;
  }
}

void ScriptObserver::note_pragma(std::string_view name, std::string_view value) {
  if (!is_harmless_pragma(name, in_transaction_)) changes_session_ = true;
  if (equal_ignoring_case(name, "busy_timeout")) sets_busy_timeout_ = true;
  const bool unsafe = equal_ignoring_case(value, "off") || equal_ignoring_case(value, "memory");
  const char* file = sqlite3_db_filename(handle_, "main");
  if (equal_ignoring_case(name, "journal_mode") && unsafe && file != nullptr && *file != '\0') endangers_file_ = true;
}

}  // namespace flux::sqlite
