// GRANT and REVOKE on objects, and their defaults.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kinds "grant", what a role holds beyond the usual, and "revoke", what it lacks of that: PUBLIC may execute
// functions, an owner may do everything. Parent: the object or its column; identity: "TABLE public.a TO role". What a
// role other than the owner has granted is found, but not modelled. The properties are those of privilege_steps(). To
// be read behind owners().
const Kind& grants();

// ALTER DEFAULT PRIVILEGES: the kinds "default grant" and "default revoke", identity "FOR ROLE a IN SCHEMA b ON TABLES
// TO c"; the role is not said where it owns the database.
const Kind& default_grants();

}  // namespace flux::postgres::schema
