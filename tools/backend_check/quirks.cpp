#include "quirks.hpp"

#include <toml++/toml.h>

#include <stdexcept>
#include <utility>

namespace flux::check {
namespace {

using Text = std::string Quirks::*;
using Texts = std::vector<std::string> Quirks::*;

constexpr std::pair<std::string_view, Text> texts[] = {
    {"separator", &Quirks::separator},
    {"comment", &Quirks::comment},
    {"create", &Quirks::create},
    {"drop", &Quirks::drop},
    {"require", &Quirks::require},
    {"fail", &Quirks::fail},
    {"error_code", &Quirks::error_code},
    {"quoted", &Quirks::quoted},
    {"multibyte", &Quirks::multibyte},
    {"slow", &Quirks::slow},
    {"hold", &Quirks::hold},
    {"want", &Quirks::want},
    {"session", &Quirks::session},
    {"session_use", &Quirks::session_use},
    {"cut", &Quirks::cut},
    {"unfinished", &Quirks::unfinished},
    {"begin", &Quirks::begin},
    {"commit", &Quirks::commit},
    {"rollback", &Quirks::rollback},
    {"relative", &Quirks::relative},
    {"snapshot", &Quirks::snapshot},
};
constexpr std::pair<std::string_view, Texts> lists[] = {
    {"definitions", &Quirks::definitions}, {"altered", &Quirks::altered}, {"initial", &Quirks::initial},
    {"unreachable", &Quirks::unreachable}, {"secret", &Quirks::secret},
};

[[noreturn]] void refuse(const std::filesystem::path& file, const toml::source_region& where,
                         std::string_view problem) {
  throw std::runtime_error(fmt::format("{}:{}:{}: {}", file.string(), where.begin.line, where.begin.column, problem));
}

void take(Quirks& quirks, const std::filesystem::path& file, const toml::key& key, const toml::node& node) {
  for (const auto& [name, member] : texts) {
    if (name != key.str()) continue;
    const auto text = node.value_exact<std::string>();
    if (!text) refuse(file, node.source(), fmt::format("\"{}\" must be a string", name));
    quirks.*member = *text;
    return;
  }
  for (const auto& [name, member] : lists) {
    if (name != key.str()) continue;
    const toml::array* items = node.as_array();
    if (items == nullptr || items->empty() || !items->is_homogeneous<std::string>())
      refuse(file, node.source(), fmt::format("\"{}\" must be a list of strings", name));
    (quirks.*member).clear();
    for (const toml::node& item : *items) (quirks.*member).push_back(*item.value<std::string>());
    return;
  }
  refuse(file, key.source(), fmt::format("there is no quirk \"{}\"", key.str()));
}

}  // namespace

Quirks read_quirks(const std::filesystem::path& file) {
  Quirks quirks;
  try {
    for (const auto& [key, node] : toml::parse_file(file.string())) take(quirks, file, key, node);
  } catch (const toml::parse_error& error) {
    refuse(file, error.source(), error.description());
  }
  return quirks;
}

std::string filled(std::string text, const std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& [key, value] : values) {
    const std::string mark = "{" + key + "}";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  }
  return text;
}

}  // namespace flux::check
