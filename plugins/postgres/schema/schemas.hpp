// CREATE SCHEMA.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "schema"; its identity is its name. That of "public" is there in every new database.
const Kind& schemas();

}  // namespace flux::postgres::schema
