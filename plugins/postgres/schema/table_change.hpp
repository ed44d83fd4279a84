// The statements of tables.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

std::optional<Steps> table_change(const SchemaChange& change);

}  // namespace flux::postgres::schema
