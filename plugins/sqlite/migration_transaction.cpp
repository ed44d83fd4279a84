#include "migration_transaction.hpp"

namespace flux::sqlite {
namespace {

void enforce_foreign_keys(const Connection& connection, int on) {
  sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_ENABLE_FKEY, on, nullptr);
}

}  // namespace

MigrationTransaction::MigrationTransaction(Connection& connection) : connection_(connection) {
  sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_ENABLE_FKEY, -1, &foreign_keys_before_);
  connection.execute("BEGIN IMMEDIATE");
  enforce_foreign_keys(connection, 0);
}

MigrationTransaction::~MigrationTransaction() {
  // SQLite ends a transaction by itself on some errors.
  if (connection_.in_transaction()) sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  enforce_foreign_keys(connection_, foreign_keys_before_);
}

void MigrationTransaction::enforce_foreign_keys_as_before() { enforce_foreign_keys(connection_, foreign_keys_before_); }

void MigrationTransaction::commit() { connection_.execute("COMMIT"); }

}  // namespace flux::sqlite
