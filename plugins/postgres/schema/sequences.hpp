// CREATE SEQUENCE.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "sequence"; definition: its options that are not the usual ones; property: unlogged. Those of identity
// columns belong to these.
const Kind& sequences();

// The kind "sequence ownership": the column (definition) with which a sequence goes. Identity of the sequence.
const Kind& sequence_ownerships();

}  // namespace flux::postgres::schema
