// CREATE TABLE, but for what a table is made of.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "table": plain, partitioned, partition, child and typed tables. Properties:
//   inherits       the tables that it inherits from, as SQL
//   partition_of, bound   the table that it is a partition of, and FOR VALUES ... or DEFAULT
//   partition_by   the key of a partitioned table
//   of             the type of a typed table
//   method         the access method, unless it is heap
//   options        storage parameters, those of its TOAST table with "toast."
//   unlogged, row_security ("enabled", "forced", "enabled, forced")
const Kind& tables();

}  // namespace flux::postgres::schema
