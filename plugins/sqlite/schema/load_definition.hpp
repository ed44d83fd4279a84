// Runs what a definition file holds.
#pragma once

#include <string_view>

#include "../connection.hpp"

namespace flux::sqlite {

// One statement. Throws FLUX_E_SCRIPT, with the offset that SQLite knows.
void load_definition(const Connection& connection, std::string_view sql);

}  // namespace flux::sqlite
