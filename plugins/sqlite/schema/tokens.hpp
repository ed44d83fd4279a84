// The tokens of a definition, each as a whole.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace flux::sqlite {

enum class SqlTokenKind {
  word,    // a keyword or a name without quotes
  name,    // "name", `name`, [name]; in double quotes it may also be meant as a text
  text,    // 'text'; in some places it is meant as a name
  value,   // a number or X'blob'
  symbol,  // an operator or a sign
};

struct SqlToken {
  SqlTokenKind kind = SqlTokenKind::symbol;
  std::string_view text;
  std::size_t offset = 0;
  bool apart = false;  // blanks or comments stand before it

  bool is(char symbol) const { return kind == SqlTokenKind::symbol && text.size() == 1 && text.front() == symbol; }
  // Is it this keyword (given in upper case)?
  bool is(std::string_view keyword) const;
};

// Without blanks and comments; `text` must outlive them. Throws FLUX_E_SCRIPT with the offset of a quote that is not
// closed.
std::vector<SqlToken> sql_tokens(std::string_view text);

// Goes through tokens. Behind the last one stand empty symbols for ever.
class TokenReader {
 public:
  TokenReader(const std::vector<SqlToken>& tokens, std::size_t begin, std::size_t end)
      : tokens_(&tokens), at_(begin), end_(end) {}
  explicit TokenReader(const std::vector<SqlToken>& tokens) : TokenReader(tokens, 0, tokens.size()) {}

  bool done() const { return at_ >= end_; }
  std::size_t position() const { return at_; }
  std::size_t end() const { return end_; }
  const SqlToken& peek(std::size_t ahead = 0) const;
  const SqlToken& take();
  // Takes the keyword, or the sign, if it is the next token.
  bool accept(std::string_view keyword);
  bool accept(char symbol);
  // The same for what must be there; throws FLUX_E_SCRIPT where it is not.
  void expect(std::string_view keyword);
  void expect(char symbol);
  // A name, without quotes; throws FLUX_E_SCRIPT where there is none.
  std::string_view take_name_token();
  // From an opening bracket to behind the one that closes it: the tokens between them.
  TokenReader take_brackets();
  // What is left up to the next comma that is in no brackets, which is taken too.
  TokenReader take_item();
  const std::vector<SqlToken>& tokens() const { return *tokens_; }

 private:
  [[noreturn]] void refuse(std::string_view wanted) const;

  const std::vector<SqlToken>* tokens_;
  std::size_t at_, end_;
};

}  // namespace flux::sqlite
