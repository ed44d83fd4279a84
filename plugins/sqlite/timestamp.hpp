// Points in time as SQLite's date functions and Python's sqlite3 write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flux::sqlite {

// "2026-01-31 12:00:00.123", with six digits where µs are not whole ms. `us`: microseconds since 1970 UTC.
std::string format_timestamp(std::int64_t us);
// Microseconds since 1970 UTC of "2026-01-31[( |T)12:00[:00[.123456]][Z|+01:00]]"; 0 for anything else.
std::int64_t parse_timestamp(std::string_view text);
// The same of a number: a Julian day, or seconds, milliseconds or microseconds since 1970, told by its size.
std::int64_t timestamp_of_number(double number);

}  // namespace flux::sqlite
