// Words and names in SQLite's SQL.
#pragma once

#include <string>
#include <string_view>

namespace flux::sqlite {

// SQLite compares names without regard to the case of ASCII letters: equal names are equal when folded.
std::string folded(std::string_view name);
bool same_name(std::string_view a, std::string_view b);

// Is it a word that SQLite's grammar knows, in whatever case? The same for every version of SQLite.
bool is_keyword(std::string_view word);
// One that is never a name without quotes.
bool is_reserved(std::string_view word);

// In upper case.
std::string upper(std::string_view word);
// As it is written in SQL: with quotes only where it needs them.
std::string name_in_sql(std::string_view name);
// What is between the quotes ('…', "…", `…`, […]), doubled ones once; a word without quotes as it is.
std::string without_quotes(std::string_view token);

}  // namespace flux::sqlite
