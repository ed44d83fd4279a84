#include "config_file.hpp"

#include <fmt/core.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#define TOML_ENABLE_WINDOWS_COMPAT 0
#include <toml++/toml.h>

#include <flux/core/source_text.hpp>

namespace flux {
namespace {

// A line of the file as it may be shown: whatever a slip makes of it, a value can be a password.
std::string shown(const std::string& line) {
  const std::size_t equals = line.find('=');
  if (equals != std::string::npos) return line.substr(0, equals) + "= …";
  const std::size_t first = line.find_first_not_of(" \t");
  return first != std::string::npos && line[first] == '[' && line.find('"') == std::string::npos ? line : std::string();
}

class Flattener {
 public:
  Flattener(std::string file, std::vector<std::string> lines) : file_(std::move(file)), lines_(std::move(lines)) {}

  std::vector<ConfigSection> sections(const toml::table& root) {
    std::vector<ConfigSection> result;
    ConfigSection outside{"", {file_, 0, 0, ""}, {}};
    for (const auto& [key, node] : root) {
      const std::string name(key.str());
      if (const toml::table* table = node.as_table(); table == nullptr) {
        outside.entries.push_back(entry(name, key, node));
      } else if (name == "environments") {
        for (const auto& [environment, inner] : *table)
          if (const toml::table* section = inner.as_table())
            result.push_back(flat(name + "." + std::string(environment.str()), *section));
          else
            outside.entries.push_back(entry(name + "." + std::string(environment.str()), environment, inner));
      } else {
        result.push_back(flat(name, *table));
      }
    }
    if (!outside.entries.empty()) result.push_back(std::move(outside));
    return result;
  }

 private:
  SourcePosition position(const toml::source_position& at) const {
    const auto line = static_cast<std::size_t>(at.line);
    return {file_, static_cast<int>(at.line), static_cast<int>(at.column),
            line >= 1 && line <= lines_.size() ? shown(lines_[line - 1]) : std::string()};
  }

  ConfigSection flat(std::string name, const toml::table& table) const {
    ConfigSection section{std::move(name), position(table.source().begin), {}};
    add(section, "", table);
    return section;
  }

  void add(ConfigSection& section, const std::string& prefix, const toml::table& table) const {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (const toml::table* inner = node.as_table()) add(section, name + ".", *inner);
      else section.entries.push_back(entry(name, key, node));
    }
  }

  ConfigEntry entry(const std::string& name, const toml::key& key, const toml::node& node) const {
    ConfigEntry e{name, {}, "", position(key.source().begin)};
    if (const auto* s = node.as_string()) e.value = s->get(), e.type = "a string";
    else if (const auto* i = node.as_integer()) e.value = i->get(), e.type = "an integer";
    else if (const auto* f = node.as_floating_point()) e.value = f->get(), e.type = "a number";
    else if (const auto* b = node.as_boolean()) e.value = b->get(), e.type = "a boolean";
    else if (const auto* a = node.as_array()) set_list(e, *a);
    else e.type = node.is_table() ? "a table" : "a date or time";
    return e;
  }

  static void set_list(ConfigEntry& e, const toml::array& array) {
    std::vector<std::string> list;
    e.type = "a list of strings";
    for (const toml::node& item : array) {
      const auto* s = item.as_string();
      if (s == nullptr) {
        e.type = "a list that is not of strings";
        return;
      }
      list.push_back(s->get());
    }
    e.value = std::move(list);
  }

  std::string file_;
  std::vector<std::string> lines_;
};

[[noreturn]] void refuse(SourcePosition where, std::string message) {
  Failure f;
  f.code = ErrorCode::config;
  f.message = std::move(message);
  f.where = std::move(where);
  throw Error(std::move(f));
}

}  // namespace

std::vector<ConfigSection> read_config_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::error_code is_folder;
  if (!stream || std::filesystem::is_directory(file, is_folder)) refuse({file.string(), 0, 0, ""}, "the file cannot be read");
  const std::string text = normalise(std::string(std::istreambuf_iterator<char>(stream), {}));
  std::vector<std::string> lines;
  std::istringstream by_line(text);
  for (std::string line; std::getline(by_line, line);) lines.push_back(line);
  try {
    const toml::table root = toml::parse(std::string_view(text));
    return Flattener(file.string(), lines).sections(root);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    const auto line = static_cast<std::size_t>(at.line);
    refuse({file.string(), static_cast<int>(at.line), static_cast<int>(at.column),
            line >= 1 && line <= lines.size() ? shown(lines[line - 1]) : std::string()},
           fmt::format("not valid TOML: {}", error.description()));
  }
}

}  // namespace flux
