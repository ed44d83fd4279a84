// SQLite's result codes by name.
#pragma once

namespace flux::sqlite {

// "SQLITE_CONSTRAINT_UNIQUE" for an extended result code; the name of its primary code where SQLite added
// it later; "SQLITE_ERROR" for one that is unknown altogether.
const char* result_code_name(int extended_code) noexcept;
// What a user can do about it, or "".
const char* result_code_hint(int extended_code) noexcept;

}  // namespace flux::sqlite
