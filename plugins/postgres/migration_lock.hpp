// Keeps other runs out of a database while this one migrates it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "canceller.hpp"
#include "connection.hpp"

namespace flux::postgres {

// Holds the advisory lock `id` (the one that pg_advisory_lock(id) takes too) on a connection of its own, in a
// transaction that stays open. It ends with unlock(), with the object, or with the process.
class MigrationLock {
 public:
  // Connects and tries for at most `limit`, at least once. Throws BackendError: FLUX_E_LOCKED with the holder,
  // FLUX_E_CANCELLED when `canceller` or the host says so, otherwise as Connection does. `pooled`: through a pooler,
  // which may have no server connection to give.
  MigrationLock(const Conninfo& conninfo, Host host, const Canceller& canceller, bool pooled, std::int64_t id,
                std::chrono::milliseconds limit);

  // Throws FLUX_E_CONNECTION where the lock had been lost with its connection.
  void unlock();

  // False once the server has ended the connection, and the lock with it. Does not ask the server.
  bool held();

  // An advisory lock that is held as long as this one, and by nobody else: a transaction that gets it knows that the
  // lock is lost.
  std::int64_t witness() const { return witness_; }
  // Makes it another one: transactions that ask for the one before will think that the lock is lost.
  void renew_witness();

  // For Connection::ask() alone, which leaves the transaction open: what looks on while the other connection works.
  // What is asked must not fail, that would end the transaction and the lock, and must leave no lock on a table.
  Connection& connection() { return connection_; }

 private:
  bool try_once();
  [[noreturn]] void refuse(std::chrono::milliseconds limit);

  Connection connection_;
  const Canceller& canceller_;
  std::int64_t id_, witness_;
};

// The error of a run whose lock is lost while its own connection is well.
BackendError lock_lost();

}  // namespace flux::postgres
