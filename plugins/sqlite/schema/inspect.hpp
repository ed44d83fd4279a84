// The facts of a database.
#pragma once

#include <flux/fact.hpp>
#include <functional>
#include <string>

#include "../connection.hpp"

namespace flux::sqlite {

// Hands every fact to `emit`: tables first, those that others refer to before these, each with its parts; then what
// stands on tables. Left out is what SQLite and modules of virtual tables keep for themselves, the history in
// `history_table`, and all that is temporary. Reads in one transaction.
void inspect_schema(const Connection& connection, const std::string& history_table,
                    const std::function<void(const Fact&)>& emit);

}  // namespace flux::sqlite
