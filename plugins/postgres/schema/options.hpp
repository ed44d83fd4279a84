// Storage parameters, as the property "options" has them: "autovacuum_enabled=false, fillfactor=70".
#pragma once

#include <string>
#include <string_view>

namespace flux::postgres::schema {

// What stands in the parentheses of SET (...) and RESET (...); "": nothing to be done.
struct OptionChange {
  std::string set, reset;
};
// What makes `to` of `from`.
OptionChange option_change(std::string_view from, std::string_view to);

}  // namespace flux::postgres::schema
