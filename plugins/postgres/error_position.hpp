// Where in a text an error is.
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <string_view>

namespace flux::postgres {

// Where the character `number` (from 1) of `text` begins, in bytes. A database in SQL_ASCII counts `bytes`.
std::size_t byte_of_character(std::string_view text, std::size_t number, bool bytes);

// Where the name stands in `statement` that the server did not find, in bytes; 0 where that is not known.
std::size_t byte_of_unknown_name(const PGresult* error, std::string_view statement);

}  // namespace flux::postgres
