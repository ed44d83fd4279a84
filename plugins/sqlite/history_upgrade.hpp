// Makes the history table, or makes an older one complete.
#pragma once

#include <string>

#include "connection.hpp"

namespace flux::sqlite {

// Brings the table `table` to the columns and the key (namespace, id) that HistoryTable writes to. One query where
// nothing is to be done. A table of another shape is rebuilt in one transaction, because SQLite cannot change a primary
// key: rows, columns unknown to Flux, indexes and triggers stay; rows get the namespace "" and the state "applied".
// Outside a transaction. Throws FLUX_E_FAILED, and then nothing has changed.
void upgrade_history(Connection& connection, const std::string& table);

}  // namespace flux::sqlite
