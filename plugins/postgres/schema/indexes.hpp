// CREATE INDEX.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "index", those of constraints excepted; identity SCHEMA.NAME, parent its table (or materialized view),
// definition as CREATE INDEX takes it. One that is not valid is not modelled. Properties:
//   table
//   inherited    "table": it belongs to that of the partitioned table above, and is not made by itself
//   partitioned  "yes": it is one of a partitioned table
//   options      storage parameters, which the definition says, too
//   statistics   "1=500, 3=100": the targets of its columns
const Kind& indexes();

}  // namespace flux::postgres::schema
