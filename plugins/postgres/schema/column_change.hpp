// The statements of columns and defaults.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// What stands behind the name of a column: type, collation, identity or expression, NOT NULL. With `expression`, a
// default.
std::string column_definition(const Fact& column, std::string_view expression = {});

// What a column that has just been made lacks still: storage, statistics and the like; of an inherited one also its own
// NOT NULL and the default `expression`.
void append_column_settings(const Fact& column, std::string_view expression, Steps& steps);

std::optional<Steps> column_change(const SchemaChange& change);

}  // namespace flux::postgres::schema
