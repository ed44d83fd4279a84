// Reads all facts of a database.
#pragma once

#include <functional>

#include "../connection.hpp"
#include "catalog.hpp"

namespace flux::postgres::schema {

// One consistent look in a transaction of its own, or inside one that is open, which is then as it was. Throws as
// Connection does.
void inspect(Connection& connection, const HistoryName& history, const std::function<void(const Fact&)>& emit);

}  // namespace flux::postgres::schema
