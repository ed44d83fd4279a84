// CREATE POLICY. Whether a table heeds its policies, the table says.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "policy"; its identity is SCHEMA.TABLE.POLICY. Properties:
//   table        the table
//   command      SELECT, INSERT, UPDATE or DELETE; not there: all of them
//   restrictive  "yes"
//   roles        whom it is for; PUBLIC, too
//   using, check the expressions
const Kind& policies();

}  // namespace flux::postgres::schema
