// CREATE AGGREGATE.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "aggregate", ordered-set and hypothetical-set ones, too; its identity is SCHEMA.NAME(TYPES), or (*). Its
// definition is what it is made of, in the order of the manual. Properties:
//   arguments  as CREATE, ALTER and DROP AGGREGATE want them
//   returns    the type of the result
const Kind& aggregates();

}  // namespace flux::postgres::schema
