// The statements of indexes.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

std::optional<Steps> index_change(const SchemaChange& change);

}  // namespace flux::postgres::schema
