// COMMENT ON whatever else is modelled.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "comment"; parent: what it is about; identity: the kind and the identity of that; definition: the text as a
// literal; property "on": its target. To be read behind all kinds that give targets.
const Kind& comments();

}  // namespace flux::postgres::schema
