// CREATE FOREIGN DATA WRAPPER, CREATE SERVER and CREATE USER MAPPING.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kinds "foreign data wrapper" and "server", whose identity is their name, and "user mapping", whose is
// "ROLE ON SERVER". One with a secret among its options is not modelled: the secret stays where it is. Properties:
//   options    as OPTIONS (...) takes them
//   handler, validator   functions of a wrapper
//   wrapper, type, version   of a server
//   server, user   of a mapping
const Kind& foreign_servers();

}  // namespace flux::postgres::schema
