// UTF-8, one character at a time.
#pragma once

#include <cstddef>
#include <string_view>

namespace flux::cli {

// A character of a text, or a byte that is none.
struct Character {
  char32_t code = 0;       // valid only
  std::size_t length = 1;  // in bytes
  bool valid = false;      // false: a byte that starts no well-formed character
};

// The character at `offset`, which is inside of `text`. Overlong forms and surrogates are not valid.
Character character_at(std::string_view text, std::size_t offset) noexcept;

// The columns that a character takes on a terminal: 0, 1 or 2. Needs a UTF-8 LC_CTYPE for anything beyond ASCII.
int column_width(char32_t code) noexcept;

}  // namespace flux::cli
