#include "secrets.hpp"

#include <algorithm>

namespace flux::postgres {
namespace {

constexpr std::string_view mask = "***";

bool is_name_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_word_at(std::string_view text, std::size_t at, std::string_view word) {
  if (text.size() - at < word.size() || (at > 0 && is_name_part(text[at - 1]))) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if ((text[at + i] | 0x20) != word[i]) return false;
  return at + word.size() == text.size() || !is_name_part(text[at + word.size()]);
}

// Behind the string literal that begins at `at`, or `at` where none does. One without end goes to the end of the text.
std::size_t behind_string(std::string_view text, std::size_t at) {
  std::size_t i = at;
  bool backslashes = false;
  if (i < text.size() && (text[i] == 'E' || text[i] == 'e')) backslashes = true, ++i;
  // Within another literal, as in EXECUTE, quotes are doubled.
  constexpr std::string_view no_content = " \t\n\r';,)";
  if (text.substr(i, 2) == "''" && i + 2 < text.size() && no_content.find(text[i + 2]) == std::string_view::npos)
    return std::min(text.find_first_not_of('\'', text.find('\'', i + 2)), text.size());
  if (i < text.size() && text[i] == '\'') {
    for (++i; i < text.size(); ++i) {
      if (backslashes && text[i] == '\\')
        ++i;
      else if (text[i] == '\'' && i + 1 < text.size() && text[i + 1] == '\'')
        ++i;
      else if (text[i] == '\'')
        return i + 1;
    }
    return text.size();
  }
  if (at < text.size() && text[at] == '$') {
    const std::size_t tag_end = text.find('$', at + 1);
    if (tag_end == std::string_view::npos) return at;
    const std::string_view tag = text.substr(at, tag_end + 1 - at);
    if (!std::all_of(tag.begin() + 1, tag.end() - 1, is_name_part)) return at;
    const std::size_t end = text.find(tag, tag_end + 1);
    return end == std::string_view::npos ? text.size() : end + tag.size();
  }
  return at;
}

// The length of the UTF-8 character at `at`, 0 where there is none. Overlong forms and surrogates are let
// through: the server sends none.
std::size_t character_length(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || text.size() - at < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80) return 0;
  return length;
}

}  // namespace

std::string mask_passwords(std::string_view text) {
  constexpr std::string_view word = "password";
  std::string out;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_word_at(text, i, word)) continue;
    std::size_t value = i + word.size();
    while (value < text.size() && (text[value] == ' ' || text[value] == '\t' || text[value] == '\n')) ++value;
    const std::size_t end = behind_string(text, value);
    if (end == value) continue;
    out.append(text.substr(copied, value - copied)).append("'").append(mask).append("'");
    copied = end;
    i = end - 1;
  }
  return out.append(text.substr(copied));
}

std::string without(std::string_view secret, std::string text) {
  if (secret.size() < 3) return text;
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += mask.size())
    text.replace(at, secret.size(), mask);
  return text;
}

std::string clean_text(std::string_view text, std::size_t limit) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text, at);
    if (out.size() + std::max<std::size_t>(length, 1) > limit) return out.append(" ...");
    if (length == 0)
      out += '?';
    else
      out.append(text.substr(at, length));
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

}  // namespace flux::postgres
