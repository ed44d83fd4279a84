#include "subject.hpp"

#include <dlfcn.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "outcome.hpp"

namespace flux::check {
namespace {

Value parse_value(const std::string& key, const std::string& text, std::uint32_t type) {
  const auto number = [&](auto into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    if (error != std::errc() || end != text.data() + text.size())
      throw std::invalid_argument(fmt::format("--config {}: \"{}\" is not a number", key, text));
    return into;
  };
  switch (type) {
    case FLUX_T_INT:
      return number(std::int64_t{});
    case FLUX_T_FLOAT:
      return number(double{});
    case FLUX_T_BOOL:
      if (text != "true" && text != "false")
        throw std::invalid_argument(fmt::format("--config {}: \"{}\" is neither true nor false", key, text));
      return text == "true";
    case FLUX_T_STRINGS:
      return std::vector<std::string>{text};
    default:
      return text;
  }
}

}  // namespace

Subject load_subject(const std::filesystem::path& file) {
  Subject subject;
  subject.file = file;
  // Local: the symbols of two backends must not meet. Now: what is undefined is an error here, not a crash later.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) fail("a file that the loader takes", dlerror());
  const auto entry = reinterpret_cast<flux_backend_entry_fn>(dlsym(library, FLUX_ENTRY_SYMBOL));
  if (entry == nullptr) fail("the function " FLUX_ENTRY_SYMBOL, "the file does not export it");
  subject.given = entry();
  if (subject.given == nullptr) fail("a table from " FLUX_ENTRY_SYMBOL, "NULL");
  std::memcpy(&subject.api, subject.given, std::min<std::size_t>(subject.given->struct_size, sizeof subject.api));
  return subject;
}

std::vector<const flux_key*> keys_of(const flux_backend_api& api) {
  std::vector<const flux_key*> out;
  for (std::size_t i = 0; api.keys != nullptr && i < api.key_count; ++i)
    out.push_back(reinterpret_cast<const flux_key*>(reinterpret_cast<const char*>(api.keys) + i * api.key_size));
  return out;
}

std::optional<Value> default_of(const flux_key& key) {
  if (key.default_value == nullptr) return std::nullopt;
  try {
    const toml::table parsed = toml::parse(fmt::format("value = {}\n", key.default_value));
    const toml::node& node = *parsed.get("value");
    switch (key.type) {
      case FLUX_T_STRING:
        return node.value_exact<std::string>();
      case FLUX_T_INT:
        return node.value_exact<std::int64_t>();
      case FLUX_T_FLOAT:
        return node.value<double>();
      case FLUX_T_BOOL:
        return node.value_exact<bool>();
      default:
        break;
    }
    if (!node.is_array() || !(node.as_array()->empty() || node.as_array()->is_homogeneous<std::string>()))
      return std::nullopt;
    std::vector<std::string> list;
    for (const toml::node& item : *node.as_array()) list.push_back(*item.value<std::string>());
    return list;
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

std::pair<std::string, Value> parse_setting(const std::string& text, const flux_backend_api& api) {
  const std::size_t at = text.find('=');
  if (at == std::string::npos || at == 0)
    throw std::invalid_argument(fmt::format("--config {}: write KEY=VALUE", text));
  const std::string key = text.substr(0, at);
  for (const flux_key* known : keys_of(api))
    if (known->name != nullptr && key == known->name) return {key, parse_value(key, text.substr(at + 1), known->type)};
  throw std::invalid_argument(fmt::format("--config {}: the backend has no such key", key));
}

}  // namespace flux::check
