// A table as facts.
#pragma once

#include <flux/fact.hpp>
#include <functional>

#include "table_text.hpp"

namespace flux::sqlite {

FactRef table_ref(const std::string& table);
FactRef column_ref(const std::string& table, const std::string& column);

// The table, then its options, its columns with what belongs to each, and its constraints.
void emit_table(const TableText& table, const std::function<void(const Fact&)>& emit);

// Is it the one column of its table that is never dropped alone? SQLite wants one that is not generated to be left, and
// nothing shows how many others go as well.
bool is_kept_column(const Fact& column);

// What kind of fact a constraint is.
const char* fact_kind(ConstraintKind kind);

}  // namespace flux::sqlite
