// What a table says about one of its indexes: by which it is replicated, and by which it is clustered.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kinds "replica identity" (definition "FULL", "NOTHING", "USING INDEX name") and "cluster mark" (definition: the
// name of the index); parent and identity are those of the table.
const Kind& table_marks();

}  // namespace flux::postgres::schema
