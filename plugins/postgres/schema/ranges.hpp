// CREATE TYPE ... AS RANGE.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "range"; definition: what stands between the parentheses. Its multirange type belongs to it (property
// multirange: the name, not quoted).
const Kind& ranges();

}  // namespace flux::postgres::schema
