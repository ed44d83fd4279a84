// The tokens of one statement, with their texts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace flux::postgres::schema {

struct Token {
  enum class Kind { word, quoted_name, text, body, number, symbol };
  Kind kind = Kind::symbol;
  std::string text;  // a word in upper case, a name or a string without its quotes, else as written
  std::string name;  // of a word and a quoted name: what it names
  int depth = 0;     // how many parentheses are open around it
  std::size_t begin = 0, end = 0;

  bool is(std::string_view word) const { return (kind == Kind::word || kind == Kind::symbol) && text == word; }
  bool is_name() const { return kind == Kind::word || kind == Kind::quoted_name; }
};

// Comments are passed over; what has no end, ends with the text.
std::vector<Token> tokens_of(std::string_view sql);

}  // namespace flux::postgres::schema
