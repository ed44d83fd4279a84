#include "migration_id.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <flux/core/error.hpp>

#include "utf8.hpp"

namespace flux::cli {
namespace {

constexpr std::size_t date_length = 8;
constexpr int highest_number = 999;

struct Numbered {
  std::string date;
  int number;
};

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The date and number of an id of the form YYYYMMDD_NNN_slug.
std::optional<Numbered> numbered(std::string_view id) {
  if (id.size() < date_length + 5 || !all_digits(id.substr(0, date_length)) || id[date_length] != '_')
    return std::nullopt;
  const std::string_view number = id.substr(date_length + 1, 3);
  if (!all_digits(number) || id[date_length + 4] != '_') return std::nullopt;
  Numbered out{std::string(id.substr(0, date_length)), 0};
  std::from_chars(number.data(), number.data() + number.size(), out.number);
  return out;
}

bool belongs_to_slug(char32_t code) {
  if (code >= 0x80) return code >= 0xC0 && !(code >= 0x2000 && code <= 0x206F) && code != 0x3000 && code != 0xFEFF;
  return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') || code == '_';
}

// The ids of a folder, by its files' names alone. Empty where the folder is not there.
std::vector<std::string> ids_in(const std::filesystem::path& folder, const std::string& extension) {
  std::vector<std::string> ids;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string file = at->path().filename().string();
    for (const std::string& suffix : {".undo." + extension, "." + extension, std::string(".py")})
      if (file.ends_with(suffix) && !file.starts_with('.')) {
        ids.push_back(file.substr(0, file.size() - suffix.size()));
        break;
      }
  }
  return ids;
}

}  // namespace

std::string slug(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size();) {
    const Character c = character_at(name, i);
    if (!c.valid) return {};
    if (!belongs_to_slug(c.code)) {
      if (!out.empty() && out.back() != '-') out += '-';
    } else if (c.code >= 'A' && c.code <= 'Z') {
      out += static_cast<char>(c.code - 'A' + 'a');
    } else {
      out += name.substr(i, c.length);
    }
    i += c.length;
  }
  if (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

std::optional<NewId> next_id(const std::vector<std::string>& existing, const std::string& today,
                             const std::string& slug) {
  std::string date = today;
  for (const std::string& id : existing)
    if (const auto other = numbered(id); other && other->date > date) date = other->date;
  int highest = 0;
  for (const std::string& id : existing)
    if (const auto other = numbered(id); other && other->date == date) highest = std::max(highest, other->number);
  if (highest >= highest_number) return std::nullopt;

  NewId out{fmt::format("{}_{:03}_{}", date, highest + 1, slug), {}};
  const auto newest = std::max_element(existing.begin(), existing.end());
  if (newest != existing.end() && *newest > out.id) out.newer = *newest;
  return out;
}

NewId next_migration_id(const std::filesystem::path& folder, const std::string& extension, const std::string& name) {
  const std::string words = slug(name);
  if (words.empty()) throw Error(Failure{ErrorCode::usage, fmt::format("\"{}\" holds no letter or digit to name a file by", name)});
  auto id = next_id(ids_in(folder, extension), date_of(std::chrono::system_clock::now()), words);
  if (!id) throw Error(Failure{ErrorCode::usage, "there are 999 migrations of that day already"});
  return *std::move(id);
}

std::string date_of(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return fmt::format("{:04}{:02}{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

}  // namespace flux::cli
