// CREATE TYPE ... AS ENUM.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "enum"; definition: its values as literals, a line each.
const Kind& enums();

}  // namespace flux::postgres::schema
