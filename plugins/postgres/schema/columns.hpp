// The columns of tables, and their defaults.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kinds "column", part of its table, and "default", part of its column; the identity of both is
// SCHEMA.TABLE.COLUMN. The definition of a default is its expression; that of a column what stands behind its name,
// without the default. Properties of a column:
//   table          the table, as SQL (of a default, too)
//   type           with its modifier; domain: "yes" where it is one
//   collation      unless it is the type's own
//   not_null       "yes"; "inherited" where what it inherits from has it as well
//   identity, identity_options, identity_sequence   ALWAYS or BY DEFAULT; options and name that are not the usual ones
//   generated      the expression; generated_virtual: "yes" where it is not stored
//   storage, compression, statistics, options   unless they are the usual ones
//   inherited      "table": an inherited column, which is not made by itself (and a default that is the same as above);
//                  "type": one of a typed table
const Kind& columns();

}  // namespace flux::postgres::schema
