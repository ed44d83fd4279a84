// The transaction of one migration.
#pragma once

#include <sqlite3.h>

#include "connection.hpp"

namespace flux::sqlite {

// A transaction that keeps other writers out, with foreign keys not enforced, so that tables can be rebuilt. Rolled
// back when destroyed before commit(). The connection must outlive it.
class MigrationTransaction {
 public:
  // Throws FLUX_E_BUSY where another process keeps the database longer than the connection waits.
  explicit MigrationTransaction(Connection& connection);
  ~MigrationTransaction();
  MigrationTransaction(const MigrationTransaction&) = delete;
  MigrationTransaction& operator=(const MigrationTransaction&) = delete;

  // Enforces foreign keys from here on where the session did so before the transaction.
  void enforce_foreign_keys_as_before();
  // Throws FLUX_E_BUSY where another process reads for longer than the connection waits, FLUX_E_FAILED where SQLite
  // could not commit for another reason. Nothing of it is then in the database once this is destroyed.
  void commit();

 private:
  Connection& connection_;
  int foreign_keys_before_ = 0;
};

}  // namespace flux::sqlite
