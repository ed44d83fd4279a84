// CREATE FUNCTION and CREATE PROCEDURE.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kinds "function" (window functions, too) and "procedure"; their identity is SCHEMA.NAME(TYPES) with the types of
// what goes in, their definition the statement that replaces them. Properties:
//   inputs     the arguments with their names, without their defaults
//   outputs    types and names of what comes out by arguments
//   returns    what it returns; defaults: how many arguments have one
//   window     "yes"
const Kind& functions();

}  // namespace flux::postgres::schema
