// The constraints of tables.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "constraint"; identity SCHEMA.TABLE.NAME, definition as ADD CONSTRAINT takes it. A part of its table, but
// for foreign keys and checks that are not valid. Properties:
//   table, type ("primary key", "unique", "check", "exclusion", "foreign key")
//   inherited   "table": it comes from the table above, and is not made by itself
//   partitioned "yes": it is one of a partitioned table
//   options     storage parameters of its index
// Those that come from a constraint above in the same table have no fact.
const Kind& constraints();

}  // namespace flux::postgres::schema
