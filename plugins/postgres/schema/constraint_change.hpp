// The statements of constraints.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// What stands behind its name: the definition, with storage parameters where they can stand in it.
std::string constraint_definition(const Fact& constraint);
// The statement that sets them where they cannot: for an exclusion.
Steps constraint_settings(const Fact& constraint);

std::optional<Steps> constraint_change(const SchemaChange& change);

}  // namespace flux::postgres::schema
