// CREATE TRIGGER.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "trigger", constraint triggers, too; the identity is SCHEMA.TABLE.TRIGGER, the definition the statement that
// makes it. Those of partitions that their table has given them are none. Where one of these fires at other times than
// that of its table, the kind "trigger state" says so. Properties of both:
//   table      the table
//   enabled    "DISABLE", "ENABLE REPLICA" or "ENABLE ALWAYS"; of a state also "ENABLE"
//   usual      of a state: that of the trigger above it
const Kind& triggers();

}  // namespace flux::postgres::schema
