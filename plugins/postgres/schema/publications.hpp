// CREATE PUBLICATION, and what is published.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "publication", whose identity is its name, and those that belong to one: "published table", identity
// "PUBLICATION: SCHEMA.TABLE", and "published schema", "PUBLICATION: SCHEMA". Properties:
//   all_tables   "yes", of a publication
//   options      what stands in WITH (...), where it is not the usual
//   publication, table, columns, where   of a published table
const Kind& publications();

}  // namespace flux::postgres::schema
