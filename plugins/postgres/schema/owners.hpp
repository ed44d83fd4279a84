// ALTER ... OWNER TO.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "owner"; parent: what is owned; identity: the kind and the identity of that. Where it is the owner of the
// database (of the schema "public", whom a new database gives it), there is none. Properties:
//   of         what is owned, as ALTER names it
//   role       the owner
//   usual      of the schema "public": whose it is in a new database
// To be read behind all kinds that give targets.
const Kind& owners();

// What the owner of `fact` is called.
FactRef owner_of(const Fact& fact);

// Whether a fact that says more about `about` stays as it is while that is altered: it does not where that is made anew.
bool stays_with(const Fact& about);

}  // namespace flux::postgres::schema
