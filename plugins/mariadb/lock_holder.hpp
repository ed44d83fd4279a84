// Who is in the way: the holder of a named lock, open transactions.
#pragma once

#include <optional>
#include <string>

#include "canceller.hpp"
#include "connection.hpp"

namespace flux::mariadb {

// The two named locks (GET_LOCK) of a history. Whoever migrates holds both, each on a connection of its own: `run`
// keeps other runs out; `work` is held by the connection that runs scripts, and so as long as the server is at work on
// the last statement of a run whose client is gone.
struct LockNames {
  std::string run, work;

  // `name`, or where that is "" one that is made of the history's database and table. At most 64 characters each.
  LockNames(const std::string& name, const std::string& database, const std::string& table);
};

// The session at the server that holds a named lock.
struct LockHolder {
  unsigned long id;
  std::string text;  // who that is, in words; the same as long as it holds the lock
};
std::optional<LockHolder> holder_of(Connection& connection, const std::string& lock);

// Ends the sessions that hold these locks and waits until they are gone; nothing where nobody does. Throws BackendError
// as Connection does, also where this user may not, or where they do not end within 10 s.
void end_holders(Connection& connection, const Canceller& canceller, const LockNames& locks);

// Who else has a transaction open, which is what a lock may be waited for: a line for each of the longest ones, ""
// where that is nobody or cannot be seen. `own`: of the connection that waited.
std::string open_transactions(Connection& connection, unsigned long own);

}  // namespace flux::mariadb
