#include "lexer.hpp"

#include <algorithm>
#include <flux/backend.hpp>

namespace flux::mariadb {
namespace {

constexpr std::size_t none = std::string_view::npos;

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_word_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool has_mode(std::string_view sql_mode, std::string_view mode) {
  std::string list(sql_mode);
  for (char& c : list) c = c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
  return (',' + list + ',').find(',' + std::string(mode) + ',') != none;
}

[[noreturn]] void refuse(const std::string& what, std::size_t offset) {
  throw BackendError(FLUX_E_SCRIPT, what).offset(static_cast<std::int64_t>(offset));
}

}  // namespace

Reading Reading::of(std::string_view sql_mode) {
  return {has_mode(sql_mode, "ANSI_QUOTES"), has_mode(sql_mode, "NO_BACKSLASH_ESCAPES")};
}

// "--" begins a comment only before a blank or a control character, so that 5--1 is a subtraction.
std::size_t Lexer::behind_comment(std::size_t at) const {
  const std::string_view rest = text_.substr(at);
  const bool dashes = rest.substr(0, 2) == "--" && (rest.size() == 2 || static_cast<unsigned char>(rest[2]) <= ' ');
  if (dashes || rest.substr(0, 1) == "#") return std::min(text_.find('\n', at), text_.size());
  if (rest.substr(0, 2) != "/*" || is_conditional_at(at)) return at;
  const std::size_t end = text_.find("*/", at + 2);
  if (end == none) refuse("a comment without an end", at);
  return end + 2;
}

// One for a version that no server ever has is there to be ignored: mariadb-dump begins its output with such a one.
bool Lexer::is_conditional_at(std::size_t at) const {
  const std::size_t behind = text_.substr(at, 3) == "/*!" ? at + 3 : text_.substr(at, 4) == "/*M!" ? at + 4 : none;
  if (behind == none) return false;
  const std::string_view version = text_.substr(behind, 6);
  const auto digits =
      static_cast<std::size_t>(std::find_if_not(version.begin(), version.end(), is_digit) - version.begin());
  return !(digits == 6 && version.substr(0, 2) == "99") && !(digits == 5 && version.substr(0, 5) == "99999");
}

void Lexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (conditional_ == none && is_delimiter_at(at_)) return;
    const std::size_t behind = is_blank(text_[at_]) ? at_ + 1 : behind_comment(at_);
    if (behind == at_) return;
    at_ = behind;
  }
}

bool Lexer::is_delimiter_at(std::size_t at) const {
  if (text_.compare(at, delimiter_.size(), delimiter_) != 0) return false;
  // One of letters is a word, not a part of one.
  const std::size_t end = at + delimiter_.size();
  const bool word = is_word_part(delimiter_.back()) && delimiter_.back() != '$';
  return !word || end >= text_.size() || !is_word_part(text_[end]);
}

bool Lexer::skip_delimiter() {
  if (!is_delimiter_at(at_)) return false;
  at_ += delimiter_.size();
  return true;
}

// Quotes within are doubled; behind a backslash in a string any character is one of it.
std::size_t Lexer::behind_quotes(std::size_t at) const {
  const char quote = text_[at];
  const bool name = quote == '`' || (quote == '"' && reading_.ansi_quotes);
  const bool escapes = !name && !reading_.no_backslash_escapes;
  for (std::size_t i = at + 1; i < text_.size(); ++i) {
    if (escapes && text_[i] == '\\')
      ++i;
    else if (text_[i] == quote && i + 1 < text_.size() && text_[i + 1] == quote)
      ++i;
    else if (text_[i] == quote)
      return i + 1;
  }
  refuse(std::string("a ") + quote + " without its end", at);
}

// "END$$" ends with a delimiter.
std::size_t Lexer::behind_word(std::size_t at) const {
  const bool look = !is_word_part(delimiter_.front()) || delimiter_.front() == '$';
  std::size_t end = at + 1;
  while (end < text_.size() && is_word_part(text_[end]) && !(look && conditional_ == none && is_delimiter_at(end)))
    ++end;
  return end;
}

std::optional<Token> Lexer::conditional() {
  const std::size_t begin = at_;
  if (conditional_ != none && text_.substr(at_, 2) == "*/") {
    conditional_ = none;
    at_ += 2;
    return Token{Token::Kind::end_conditional, begin, 2};
  }
  if (conditional_ != none || !is_conditional_at(at_)) return std::nullopt;
  conditional_ = at_;
  at_ += text_[at_ + 2] == '!' ? 3 : 4;
  while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  return Token{Token::Kind::begin_conditional, begin, at_ - begin};
}

std::optional<Token> Lexer::next() {
  skip_blanks();
  const std::size_t begin = at_;
  if (begin >= text_.size()) {
    if (conditional_ != none) refuse("a comment without an end", conditional_);
    return std::nullopt;
  }
  Token::Kind kind = Token::Kind::symbol;
  const char c = text_[begin];
  if (conditional_ == none && is_delimiter_at(begin)) {
    kind = Token::Kind::delimiter;
    at_ += delimiter_.size();
  } else if (const auto edge = conditional()) {
    return edge;
  } else if (c == '\'' || c == '"' || c == '`') {
    kind = c == '`' || (c == '"' && reading_.ansi_quotes) ? Token::Kind::name : Token::Kind::string;
    at_ = behind_quotes(begin);
  } else if (is_word_part(c)) {
    kind = Token::Kind::word;
    at_ = behind_word(begin);
  } else {
    ++at_;
  }
  return Token{kind, begin, at_ - begin};
}

}  // namespace flux::mariadb
