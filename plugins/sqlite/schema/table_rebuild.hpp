// What ALTER TABLE cannot do.
#pragma once

#include <flux/fact.hpp>
#include <vector>

namespace flux::sqlite {

// A new table is made, takes the rows, and then the place of the old one, as SQLite's documentation has it. Rowids and
// the counter of AUTOINCREMENT are kept. For a transaction in which foreign keys are not enforced, as every migration
// is.
std::vector<SchemaStep> rebuild_table(const SchemaChange& change);

}  // namespace flux::sqlite
