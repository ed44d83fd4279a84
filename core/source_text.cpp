#include <flux/core/source_text.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "secret_text.hpp"

namespace flux {
namespace {

// The length of the UTF-8 character at `at`, or 0 where there is none.
std::size_t character_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (first == 0xE0 && byte(1) < 0xA0) return 0;  // longer than needed
    if (first == 0xED && byte(1) > 0x9F) return 0;  // half of a surrogate pair
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

// Whether the next eight bytes are ASCII, without NUL.
bool is_plain(std::string_view text, std::size_t at) {
  std::uint64_t bytes = 0;
  if (text.size() - at < sizeof bytes) return false;
  std::memcpy(&bytes, text.data() + at, sizeof bytes);
  constexpr std::uint64_t ones = 0x0101010101010101U, highs = 0x8080808080808080U;
  return (((bytes - ones) | bytes) & highs) == 0;
}

}  // namespace

std::string normalise(std::string text) {
  text.resize(normalise(text.data(), text.size()));
  return text;
}

std::size_t normalise(char* text, std::size_t size) noexcept {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  const std::string_view given(text, size);
  const std::size_t begin = given.starts_with(mark) ? mark.size() : 0;
  std::size_t at = std::min(given.find('\r'), size);
  if (begin > 0) std::memmove(text, text + begin, at - begin);
  std::size_t out = at - begin;
  for (; at < size; ++at) {
    if (text[at] == '\r' && at + 1 < size && text[at + 1] == '\n') ++at;
    text[out++] = text[at] == '\r' ? '\n' : text[at];
  }
  return out;
}

std::optional<std::size_t> first_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (is_plain(text, i)) {
      i += sizeof(std::uint64_t);
      continue;
    }
    const std::size_t length = text[i] == '\0' ? 0 : character_length(text, i);
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

SourcePosition position_at(std::string_view file, std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::size_t line_begin = newline == std::string_view::npos ? 0 : newline + 1;
  const std::size_t line_end = std::min(text.find('\n', offset), text.size());
  const std::string_view to_column = text.substr(line_begin, offset - line_begin);
  SourcePosition position;
  position.file = file;
  position.line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  position.column = 1 + static_cast<int>(std::count_if(to_column.begin(), to_column.end(),
                                                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  position.line_text = without_passwords(text.substr(line_begin, line_end - line_begin));
  return position;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos; }

}  // namespace flux
