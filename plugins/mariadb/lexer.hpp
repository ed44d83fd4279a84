// The words of a script.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace flux::mariadb {

// How a server reads text: what of its sql_mode matters here.
struct Reading {
  bool ansi_quotes = false;           // "..." is a name, not a string
  bool no_backslash_escapes = false;  // a backslash in a string is a character like any other

  // As a server with this sql_mode reads.
  static Reading of(std::string_view sql_mode);
};
inline bool operator!=(Reading a, Reading b) {
  return a.ansi_quotes != b.ansi_quotes || a.no_backslash_escapes != b.no_backslash_escapes;
}

struct Token {
  enum class Kind {
    word,               // a keyword, a name without quotes, a number
    name,               // within backticks, or within double quotes where these are for names
    string,             // within quotes
    symbol,             // any other character
    begin_conditional,  // "/*!" or "/*M!" with its version: what follows up to "*/" runs
    end_conditional,    // that "*/"
    delimiter           // what ends a statement
  };
  Kind kind;
  std::size_t offset, length;
};

// Hands out one token after the other; blanks and comments are not among them. Hints, as in SELECT /*+ ... */, are
// comments here.
class Lexer {
 public:
  // `text` must outlive it.
  Lexer(std::string_view text, Reading reading) : text_(text), reading_(reading) {}

  // The next token, nullopt at the end. Throws BackendError(FLUX_E_SCRIPT) with the offset of a quote or comment that
  // has no end.
  std::optional<Token> next();
  // The text of a token.
  std::string_view text(const Token& token) const { return text_.substr(token.offset, token.length); }

  // Where the next token will be looked for.
  std::size_t position() const { return at_; }
  void move_to(std::size_t offset) { at_ = offset; }
  // Moves behind blanks and comments.
  void skip_blanks();
  // Moves behind the delimiter that is the next token; false where it is another one.
  bool skip_delimiter();
  void read_as(Reading reading) { reading_ = reading; }

  // What ends a statement, as DELIMITER sets it. Not looked for within conditional comments.
  const std::string& delimiter() const { return delimiter_; }
  void set_delimiter(std::string delimiter) { delimiter_ = std::move(delimiter); }

 private:
  bool is_delimiter_at(std::size_t at) const;
  std::size_t behind_quotes(std::size_t at) const;
  std::size_t behind_word(std::size_t at) const;
  std::size_t behind_comment(std::size_t at) const;
  bool is_conditional_at(std::size_t at) const;
  std::optional<Token> conditional();

  std::string_view text_;
  Reading reading_;
  std::size_t at_ = 0;
  std::size_t conditional_ = std::string_view::npos;  // where the conditional comment that is open begins
  std::string delimiter_ = ";";
};

}  // namespace flux::mariadb
