// The tokens of SQLite's SQL.
#pragma once

#include <cstddef>
#include <string_view>

namespace flux::sqlite {

enum class TokenKind { word, quoted, semicolon, other, end };

struct Token {
  TokenKind kind = TokenKind::end;
  std::size_t offset = 0, length = 0;
};

// Reads a text token by token, as SQLite's own tokenizer does: blanks and comments are skipped, a block comment may be
// left open at the end.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  // Throws FLUX_E_SCRIPT with the offset where a quote is opened that is not closed.
  Token next();

 private:
  std::size_t quote_end(std::size_t at) const;

  std::string_view text_;
  std::size_t at_ = 0;
};

// The offset of the first token at or after `at`: behind blanks and comments.
std::size_t skip_blanks(std::string_view text, std::size_t at);

}  // namespace flux::sqlite
