#include "lexer.hpp"

#include <algorithm>
#include <flux/backend.hpp>
#include <string>

namespace flux::sqlite {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The end of the comment that begins at `at`; `at` itself where none begins.
std::size_t comment_end(std::string_view text, std::size_t at) {
  const std::string_view opening = text.substr(at, 2);
  if (opening == "--") return std::min(text.find('\n', at), text.size());
  // At the very end of a text SQLite reads "/*" as two operators.
  if (opening != "/*" || at + 2 == text.size()) return at;
  const std::size_t close = text.find("*/", at + 2);
  return close == std::string_view::npos ? text.size() : close + 2;
}

}  // namespace

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const std::size_t next = is_blank(text[at]) ? at + 1 : comment_end(text, at);
    if (next == at) break;
    at = next;
  }
  return at;
}

Token Lexer::next() {
  const std::size_t begin = skip_blanks(text_, at_);
  if (begin == text_.size()) {
    at_ = begin;
    return {TokenKind::end, begin, 0};
  }
  TokenKind kind = TokenKind::other;
  at_ = begin + 1;
  const char c = text_[begin];
  if (c == ';') {
    kind = TokenKind::semicolon;
  } else if (c == '\'' || c == '"' || c == '`' || c == '[') {
    kind = TokenKind::quoted;
    at_ = quote_end(begin);
  } else if (is_word_char(c)) {
    kind = TokenKind::word;
    while (at_ < text_.size() && is_word_char(text_[at_])) ++at_;
  }
  return {kind, begin, at_ - begin};
}

// A doubled quote inside ends one quoted token and begins the next, which makes no difference here.
std::size_t Lexer::quote_end(std::size_t at) const {
  const char open = text_[at];
  const std::size_t close = text_.find(open == '[' ? ']' : open, at + 1);
  if (close != std::string_view::npos) return close + 1;
  throw BackendError(FLUX_E_SCRIPT, std::string("the quote ") + open + " is not closed")
      .sqlstate("SQLITE_ERROR")
      .offset(static_cast<std::int64_t>(at));
}

}  // namespace flux::sqlite
