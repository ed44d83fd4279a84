// Where in a text an error is.
#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <optional>
#include <string_view>

#include "connection.hpp"

namespace flux::postgres {

// Where in `text` the server says that the error is, in bytes; nullopt where it does not say. `ahead` characters were
// sent before the text.
std::optional<std::size_t> stated_position(const Connection& connection, const PGresult* error, std::string_view text,
                                           std::size_t ahead = 0);

// Where the name stands in `statement` that the server did not find, in bytes; 0 where that is not known.
std::size_t byte_of_unknown_name(const PGresult* error, std::string_view statement);

}  // namespace flux::postgres
