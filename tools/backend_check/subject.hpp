// The backend that is checked: its file and its table.
#pragma once

#include <flux/backend_abi.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace flux::check {

// A value of the [backend] table; its order is that of flux_value_type.
using Value = std::variant<std::string, std::int64_t, double, bool, std::vector<std::string>>;
using Settings = std::vector<std::pair<std::string, Value>>;

struct Subject {
  std::filesystem::path file;
  const flux_backend_api* given = nullptr;  // as the backend returned it
  flux_backend_api api{};                   // what of it this checker knows; null where the table is too short
  Settings settings;                        // of every instance, unless a check says otherwise

  bool can(flux_capability capability) const noexcept { return (api.capabilities & capability) != 0; }
};

// Loads `file` for the life of the process and asks it for its table. Throws Failed.
Subject load_subject(const std::filesystem::path& file);

// The keys that the table declares; an element may be longer than this checker's.
std::vector<const flux_key*> keys_of(const flux_backend_api& api);

// The default of a key, parsed; nullopt where it has none, or one that is not TOML text of the key's type.
std::optional<Value> default_of(const flux_key& key);

// "port=5432" with the type that the backend declares for the key. Throws std::invalid_argument.
std::pair<std::string, Value> parse_setting(const std::string& text, const flux_backend_api& api);

}  // namespace flux::check
