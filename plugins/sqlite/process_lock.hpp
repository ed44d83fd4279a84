// The lock that keeps two runs of Flux off one database.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "cancellation.hpp"

namespace flux::sqlite {

// Holds an advisory lock on a file until destroyed; the operating system takes it back when the process dies. The
// file says who holds it. It is deleted when the lock is given back; one that a killed process left is taken over.
class ProcessLock {
 public:
  // Makes and locks `file`, waiting at most `limit`. Throws FLUX_E_LOCKED, naming the holder where the file says who it
  // is, FLUX_E_CANCELLED, or FLUX_E_FAILED where there can be no such file. `program` is what others are told.
  ProcessLock(std::string file, std::chrono::milliseconds limit, std::string_view program,
              const Cancellation& cancellation);
  ~ProcessLock();
  ProcessLock(const ProcessLock&) = delete;
  ProcessLock& operator=(const ProcessLock&) = delete;

 private:
  // Takes the lock if it is free.
  bool try_lock();
  // Has somebody deleted the file, or put another in its place, since it was opened here?
  bool is_stale() const;
  void open_file();
  void close_file() noexcept;
  void write_holder(std::string_view program) const;

  std::string file_;
  int descriptor_ = -1;
};

// What the lock file `file` says of its holder; "another process" where it says nothing, none where nobody holds the
// lock. Makes and writes nothing. Whoever tries to take the lock in the same instant may find it held for once. Throws
// FLUX_E_FAILED where this user cannot look.
std::optional<std::string> holder_of_lock(const std::string& file);

}  // namespace flux::sqlite
