// What is found, but cannot be made.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// Operators and what belongs to them, casts, text search, languages, transforms, access methods, conversions, base
// types, subscriptions and security labels. All of their facts are unmodelled; the kind is what the server calls it.
const Kind& unmodelled();

}  // namespace flux::postgres::schema
