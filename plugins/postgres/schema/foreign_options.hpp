// OPTIONS (...) of foreign data, as the property "options" has them: "host 'a', port '5432'", sorted.
#pragma once

#include <string>
#include <string_view>

namespace flux::postgres::schema {

enum class OptionsOf { object, user_mapping };

// Two columns of a query: the options in `array`, and whether one of them may be a secret. The value of such a one never
// leaves the server.
std::string foreign_options_sql(const std::string& array, OptionsOf of = OptionsOf::object);

// " OPTIONS (...)" for CREATE; "" where there are none.
std::string options_clause(std::string_view options);

// The same for ALTER, which makes `to` of `from`; "" where they are the same.
std::string options_clause(std::string_view from, std::string_view to);

}  // namespace flux::postgres::schema
