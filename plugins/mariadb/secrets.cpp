#include "secrets.hpp"

#include <algorithm>

namespace flux::mariadb {
namespace {

constexpr std::string_view mask = "***";

bool is_name_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The word that begins at `at`, in small letters; "" where none does.
std::string word_at(std::string_view text, std::size_t at) {
  std::string out;
  if (at > 0 && is_name_part(text[at - 1])) return out;
  for (; at < text.size() && is_name_part(text[at]); ++at)
    out += text[at] >= 'A' && text[at] <= 'Z' ? static_cast<char>(text[at] | 0x20) : text[at];
  return out;
}

bool ends_in_password(const std::string& word) {
  constexpr std::string_view end = "password";
  return word.size() >= end.size() && word.compare(word.size() - end.size(), end.size(), end) == 0;
}

// Behind the string that begins at `at`, or `at` where none does. One without end goes to the end of the text.
std::size_t behind_string(std::string_view text, std::size_t at) {
  if (at >= text.size() || (text[at] != '\'' && text[at] != '"')) return at;
  const char quote = text[at];
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == quote && i + 1 < text.size() && text[i + 1] == quote)
      ++i;
    else if (text[i] == quote)
      return i + 1;
  }
  return text.size();
}

std::size_t behind_any(std::string_view text, std::size_t at, std::string_view characters) {
  return std::min(text.find_first_not_of(characters, at), text.size());
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

// IDENTIFIED VIA plugin USING '...' and the like name a plugin between: AS and USING count behind IDENTIFIED alone.
std::string mask_passwords(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\r", lead = " \t\n\r=(:";
  std::string out;
  std::size_t copied = 0, identified = std::string_view::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string word = word_at(text, i);
    if (word.empty()) continue;
    const std::size_t end = i + word.size();
    if (word == "identified") identified = end;
    const bool behind_identified = identified != std::string_view::npos && end - identified < 100;
    const bool names_one =
        ends_in_password(word) || word == "by" || ((word == "as" || word == "using") && behind_identified);
    const std::size_t value = behind_any(text, end, ends_in_password(word) ? lead : blanks);
    const std::size_t behind = names_one ? behind_string(text, value) : value;
    if (behind == value) {
      i = end - 1;
      continue;
    }
    out.append(text.substr(copied, value - copied)).append("'").append(mask).append("'");
    copied = behind;
    i = behind - 1;
  }
  return out.append(text.substr(copied));
}

std::string without_passwords_of(std::string_view sql, std::string message) {
  bool secret = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'' || sql[i] == '"') {
      const std::size_t end = behind_string(sql, i);
      const std::size_t length = end - i > 2 ? end - i - 2 : 0;
      if (secret) message = without(sql.substr(i + 1, length), std::move(message));
      i = end - 1;
      continue;
    }
    const std::string word = word_at(sql, i);
    if (word.empty()) continue;
    secret = secret || word == "identified" || ends_in_password(word);
    i += word.size() - 1;
  }
  return mask_passwords(message);
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

}  // namespace flux::mariadb
