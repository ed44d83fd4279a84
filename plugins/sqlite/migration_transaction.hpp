// The transaction of one migration.
#pragma once

#include <sqlite3.h>

#include "connection.hpp"

namespace flux::sqlite {

// A transaction that keeps other writers out, with foreign keys not enforced, so that tables can be rebuilt. Rolled
// back when destroyed before commit(). The connection must outlive it.
class MigrationTransaction {
 public:
  // Throws FLUX_E_FAILED where another process keeps the database longer than the connection waits.
  explicit MigrationTransaction(Connection& connection);
  ~MigrationTransaction();
  MigrationTransaction(const MigrationTransaction&) = delete;
  MigrationTransaction& operator=(const MigrationTransaction&) = delete;

  // Throws FLUX_E_FAILED where SQLite could not commit; what was done is then rolled back.
  void commit();

 private:
  Connection& connection_;
  int foreign_keys_before_ = 0;
};

}  // namespace flux::sqlite
