// Where in a statement an error is.
#pragma once

#include <cstddef>
#include <string_view>

namespace flux::mariadb {

// The server says it in words: "near '...' at line 3", or it names what it does not know. Returns the byte within
// `statement` that the error `number` with this `message` is about, 0 where that cannot be told.
std::size_t position_in_statement(unsigned number, std::string_view message, std::string_view statement);

}  // namespace flux::mariadb
