// CREATE COLLATION.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "collation"; its identity is SCHEMA.NAME, its definition what stands in the parentheses. The version of the
// library that it was made with is not looked at.
const Kind& collations();

}  // namespace flux::postgres::schema
