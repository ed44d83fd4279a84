// The statements of tables.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// What stands in the parentheses of CREATE TABLE, with them: columns and constraints, a line each.
std::string table_elements(const std::vector<const Fact*>& parts);
// What these lack still when the table has been made.
void append_part_settings(const std::vector<const Fact*>& parts, Steps& steps);

std::optional<Steps> table_change(const SchemaChange& change);

}  // namespace flux::postgres::schema
