// Names and texts as they stand in SQL.
#pragma once

#include <string>
#include <string_view>

namespace flux::postgres::schema {

// `name` in double quotes where one of the servers that this backend knows would read it otherwise.
std::string quoted(std::string_view name);

// SCHEMA.NAME, each quoted where it must be.
std::string qualified(std::string_view schema, std::string_view name);

// `text` as a string literal, whatever standard_conforming_strings is.
std::string literal(std::string_view text);

}  // namespace flux::postgres::schema
