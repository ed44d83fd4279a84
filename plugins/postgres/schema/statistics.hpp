// CREATE STATISTICS.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "statistics", extended ones; its identity is SCHEMA.NAME, its parent the table, its definition the statement
// that makes it. Property:
//   target     how exact they are, unless it is the usual one
const Kind& statistics();

}  // namespace flux::postgres::schema
