// CREATE RULE.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "rule"; its identity is SCHEMA.TABLE.RULE, its definition the statement that makes it. What a view selects is
// none. Properties:
//   table      the table or view
//   enabled    "DISABLE", "ENABLE REPLICA" or "ENABLE ALWAYS"
const Kind& rules();

}  // namespace flux::postgres::schema
