// What SQLite does not look at when something is made.
#pragma once

#include <flux/fact.hpp>
#include <string>
#include <utility>
#include <vector>

#include "../connection.hpp"

namespace flux::sqlite {

// As SchemaEditor::check_loaded: views and triggers that cannot run, and, with `foreign_keys`, keys that refer to what
// is not there or is not unique.
std::vector<std::pair<FactRef, std::string>> check_loaded(const Connection& connection, bool foreign_keys);

}  // namespace flux::sqlite
