// CREATE DOMAIN.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kinds "domain" (definition: its type; properties collation, default, not_null) and "domain constraint" (identity
// SCHEMA.DOMAIN.NAME; a part of its domain where it is valid).
const Kind& domains();

}  // namespace flux::postgres::schema
