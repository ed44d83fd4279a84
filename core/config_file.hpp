// A TOML file as flat sections of typed values, each with its position.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include <flux/core/config.hpp>

namespace flux {

struct ConfigEntry {
  std::string key;  // dotted where it lies in a sub-table
  std::variant<std::monostate, std::string, std::int64_t, double, bool, std::vector<std::string>> value;  // monostate: none of these
  std::string type;  // "a string", "a date", ...
  SourcePosition where;
};

struct ConfigSection {
  std::string name;  // "flux", "backend", "environments.production"; "" for keys outside of any table
  SourcePosition where;
  std::vector<ConfigEntry> entries;
};

// Throws Error{config} where the file cannot be read or is not TOML.
std::vector<ConfigSection> read_config_file(const std::filesystem::path& file);

}  // namespace flux
