// CREATE EVENT TRIGGER.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "event trigger"; its identity is its name, its definition the statement that makes it. Property:
//   enabled    "DISABLE", "ENABLE REPLICA" or "ENABLE ALWAYS"
const Kind& event_triggers();

}  // namespace flux::postgres::schema
