// The statements of constraints.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

std::optional<Steps> constraint_change(const SchemaChange& change);

}  // namespace flux::postgres::schema
