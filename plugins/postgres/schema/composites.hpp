// CREATE TYPE ... AS (...).
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kinds "composite type" and, part of it, "attribute" (identity SCHEMA.TYPE.NAME; definition: its type and, where
// it is another than the type's own, its collation).
const Kind& composites();

}  // namespace flux::postgres::schema
