// Keeps other runs out of a database while this one migrates it.
#pragma once

#include <chrono>

#include "canceller.hpp"
#include "connection.hpp"
#include "lock_holder.hpp"

namespace flux::mariadb {

// Tries to get the named lock `name` for `connection` for at most `limit`, at least once; `locks` says who may have it.
// Throws BackendError: FLUX_E_LOCKED with the holder, FLUX_E_CANCELLED when `canceller` or the host says so, otherwise
// as Connection does.
void take_named_lock(Connection& connection, const std::string& name, Host host, const Canceller& canceller,
                     std::chrono::milliseconds limit);

// Holds the lock `run` on a connection of its own, which also looks on and writes what is not part of a script's
// transaction. It ends with the object, or with the process.
class MigrationLock {
 public:
  MigrationLock(const TargetUri& uri, Host host, const Canceller& canceller, const LockNames& names,
                std::chrono::milliseconds limit);

  // Throws FLUX_E_CONNECTION where the lock had been lost with its connection.
  void unlock();

  // False once the server has ended the connection, and the lock with it. Does not ask the server.
  bool held() const { return connection_.alive(); }
  Connection& connection() { return connection_; }

 private:
  Connection connection_;
  std::string name_;
};

}  // namespace flux::mariadb
