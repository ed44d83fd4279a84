// Makes the history table, or makes an older one complete.
#pragma once

#include <string>

#include "connection.hpp"

namespace flux::sqlite {

// Brings the table `table` to the columns and the key (namespace, id) that HistoryTable writes to. One query where
// nothing is to be done. A table with that key gets the columns of newer versions of Flux. One of another shape is
// rebuilt, because SQLite cannot change a primary key: rows, columns unknown to Flux, indexes and triggers stay; rows
// get the namespace "" and the state "applied". All in one transaction.
// Outside a transaction. Throws FLUX_E_FAILED, and then nothing has changed.
void upgrade_history(Connection& connection, const std::string& table);

}  // namespace flux::sqlite
