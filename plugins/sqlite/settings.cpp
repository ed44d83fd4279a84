#include "settings.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <string_view>

namespace flux::sqlite {
namespace {

// Without "off" and "memory": with those a killed migration leaves a broken database behind.
constexpr std::array<std::string_view, 5> journal_modes = {"", "delete", "truncate", "persist", "wal"};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

BackendError wrong(const char* key, const std::string& problem) {
  return BackendError(FLUX_E_CONFIG, "the key \"" + std::string(key) + "\" " + problem).key(key);
}

std::string checked_table(const std::string& name) {
  if (name.empty()) throw wrong("migrations_table", "must not be empty");
  if (name.find('\0') != std::string::npos) throw wrong("migrations_table", "must not hold a NUL character");
  if (lower(name).rfind("sqlite_", 0) == 0)
    throw wrong("migrations_table", "must not begin with \"sqlite_\": SQLite keeps such names for itself");
  return name;
}

std::string checked_journal_mode(const std::string& given) {
  const std::string mode = lower(given);
  if (std::find(journal_modes.begin(), journal_modes.end(), mode) != journal_modes.end()) return mode;
  if (mode == "off" || mode == "memory")
    throw wrong("journal_mode",
                "must not be \"" + mode + "\": a migration that is killed would leave a broken database");
  throw wrong("journal_mode", "must be \"delete\", \"truncate\", \"persist\", \"wal\" or \"\", not \"" + given + "\"");
}

std::chrono::milliseconds checked_busy_timeout(std::int64_t given) {
  if (given < 0 || given > std::numeric_limits<int>::max())
    throw wrong("busy_timeout", "must be a number of milliseconds from 0 to 2147483647, not " + std::to_string(given));
  return std::chrono::milliseconds(given);
}

}  // namespace

std::vector<Key> Settings::keys() {
  return {
      {"migrations_table", std::string("_flux_migrations"), "the table that holds the history"},
      {"journal_mode", std::string(),
       "delete, truncate, persist or wal, set before the first write; \"\" leaves it as it is"},
      {"busy_timeout", std::int64_t{5000},
       "milliseconds to wait for another process that reads or writes the database"},
      {"foreign_keys", true,
       "check foreign keys before each migration is committed, and enforce them outside of migrations"},
      {"init_sql", std::vector<std::string>(), "statements to run on every fresh or reset session"},
  };
}

Settings::Settings(const BackendConfig& config)
    : migrations_table(checked_table(config.string("migrations_table"))),
      journal_mode(checked_journal_mode(config.string("journal_mode"))),
      busy_timeout(checked_busy_timeout(config.integer("busy_timeout"))),
      foreign_keys(config.boolean("foreign_keys")),
      init_sql(config.strings("init_sql")) {}

}  // namespace flux::sqlite
