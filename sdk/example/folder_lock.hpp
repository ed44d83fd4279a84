// The migration lock of the example: an flock on a file beside the store.
#pragma once

#include <cstdint>
#include <flux/backend.hpp>
#include <optional>
#include <string>

namespace memo {

// Held from a successful constructor until destroyed. The kernel frees it when the process dies.
class FolderLock {
 public:
  // Waits at most `timeout_ms` for the lock on `file`, which is created where missing. Throws flux::BackendError:
  // FLUX_E_LOCKED naming the holder, FLUX_E_CANCELLED once `host` says that the user has asked to stop.
  FolderLock(const std::string& file, std::int64_t timeout_ms, const flux::Host& host);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  // Who holds the lock on `file`; none where nobody does. Creates nothing.
  static std::optional<std::string> holder_of(const std::string& file);

 private:
  int fd_;
};

}  // namespace memo
