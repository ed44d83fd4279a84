// The [backend] table of a project that uses SQLite.
#pragma once

#include <chrono>
#include <flux/backend.hpp>
#include <string>
#include <vector>

namespace flux::sqlite {

struct Settings {
  std::string migrations_table;
  std::string journal_mode;  // "": as the database has it
  std::chrono::milliseconds busy_timeout;
  bool foreign_keys;
  std::vector<std::string> init_sql;

  static std::vector<Key> keys();
  // Throws FLUX_E_CONFIG with the key whose value is not possible.
  explicit Settings(const BackendConfig& config);
};

}  // namespace flux::sqlite
