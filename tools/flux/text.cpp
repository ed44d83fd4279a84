#include "text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <ctime>

#include "utf8.hpp"

namespace flux::cli {
namespace {

constexpr std::string_view ellipsis = "…";

// Embedding, override and isolate marks can make a line read as another one.
bool reorders_text(char32_t code) {
  return code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

void append_visible(std::string& out, std::string_view text, std::size_t offset, Character c) {
  if (!c.valid) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[offset]));
  } else if (c.code == '\n') {
    out += "\\n";
  } else if (c.code == '\t') {
    out += "\\t";
  } else if (c.code < 0x20 || c.code == 0x7F) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned>(c.code));
  } else if ((c.code >= 0x80 && c.code < 0xA0) || c.code == 0x2028 || c.code == 0x2029 || reorders_text(c.code)) {
    out += fmt::format("\\u{:04x}", static_cast<unsigned>(c.code));
  } else {
    out += text.substr(offset, c.length);
  }
}

// ASCII without control characters, as most texts are: each byte is one column, and shown as it is.
bool is_plain(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::string made_visible(std::string_view text, bool keep_lines) {
  if (is_plain(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Character c = character_at(text, i);
    if (keep_lines && (text[i] == '\n' || text[i] == '\t'))
      out += text[i];
    else
      append_visible(out, text, i, c);
    i += c.length;
  }
  return out;
}

// The bytes of the longest beginning of `text` that fits into `width` columns.
std::size_t prefix_length(std::string_view text, std::size_t width) {
  std::size_t used = 0;
  std::size_t i = 0;
  while (i < text.size()) {
    const Character c = character_at(text, i);
    used += c.valid ? static_cast<std::size_t>(column_width(c.code)) : 1;
    if (used > width) break;
    i += c.length;
  }
  return i;
}

// The offset of the longest end of `text` that fits into `width` columns.
std::size_t suffix_offset(std::string_view text, std::size_t width) {
  std::size_t left = display_width(text);
  std::size_t i = 0;
  while (left > width) {
    const Character c = character_at(text, i);
    left -= c.valid ? static_cast<std::size_t>(column_width(c.code)) : 1;
    i += c.length;
  }
  return i;
}

}  // namespace

std::size_t display_width(std::string_view text) noexcept {
  if (is_plain(text)) return text.size();
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Character c = character_at(text, i);
    width += c.valid ? static_cast<std::size_t>(column_width(c.code)) : 1;
    i += c.length;
  }
  return width;
}

std::string visible(std::string_view text) { return made_visible(text, false); }
std::string visible_lines(std::string_view text) { return made_visible(text, true); }

std::string fit_middle(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width <= 1) return std::string(width == 0 ? "" : ellipsis);
  const std::size_t end = (width - 1) / 2;
  const std::size_t start = width - 1 - end;
  return fmt::format("{}{}{}", text.substr(0, prefix_length(text, start)), ellipsis,
                     text.substr(suffix_offset(text, end)));
}

std::string fit_end(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width <= 1) return std::string(width == 0 ? "" : ellipsis);
  return fmt::format("{}{}", text.substr(0, prefix_length(text, width - 1)), ellipsis);
}

std::string duration_text(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 60'000) return fmt::format("{}.{} s", ms / 1000, ms % 1000 / 100);
  return fmt::format("{} min {} s", ms / 60'000, ms % 60'000 / 1000);
}

std::string local_time(Timestamp time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string count_of(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace flux::cli
