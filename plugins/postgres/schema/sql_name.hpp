// Names and texts as they stand in SQL.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flux::postgres::schema {

// `name` in double quotes where one of the servers that this backend knows would read it otherwise.
std::string quoted(std::string_view name);

// SCHEMA.NAME, each quoted where it must be.
std::string qualified(std::string_view schema, std::string_view name);

// The beginning of `name`, of at most `bytes`, that ends where one of its characters does.
std::string shortened(std::string_view name, std::size_t bytes);
// `name` with `end` behind it, and as long as a name may be.
std::string with_ending(std::string_view name, std::string_view end);

// `text` as a string literal, whatever standard_conforming_strings is.
std::string literal(std::string_view text);

}  // namespace flux::postgres::schema
