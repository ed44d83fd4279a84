// Storage parameters, as the property "options" has them: "autovacuum_enabled=false, fillfactor=70".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace flux::postgres::schema {

// What stands in the parentheses of SET (...) and RESET (...); "": nothing to be done.
struct OptionChange {
  std::string set, reset;
};
// What makes `to` of `from`.
OptionChange option_change(std::string_view from, std::string_view to);

// Where "WITH (...)" of an index begins and ends in its definition; both at its end where there is none.
std::pair<std::size_t, std::size_t> options_in(std::string_view index_definition);

}  // namespace flux::postgres::schema
