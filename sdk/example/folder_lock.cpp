#include "folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

namespace memo {
namespace {

// The process id that the holder has written into the file.
std::string holder(int fd) {
  char text[32];
  const ssize_t n = pread(fd, text, sizeof text, 0);
  return n > 0 ? "process " + std::string(text, static_cast<std::size_t>(n)) : "another process";
}

// Takes the lock on `fd` or throws.
void wait_for(int fd, std::int64_t timeout_ms, const flux::Host& host) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      throw flux::BackendError(FLUX_E_FAILED, "cannot lock: " + std::generic_category().message(errno));
    if (host.is_cancelled()) throw flux::BackendError(FLUX_E_CANCELLED, "stopped while waiting for the lock");
    if (std::chrono::steady_clock::now() >= deadline)
      throw flux::BackendError(FLUX_E_LOCKED, "the migration lock is held by " + holder(fd));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

// O_CLOEXEC: a child process must not keep the lock alive.
FolderLock::FolderLock(const std::string& file, std::int64_t timeout_ms, const flux::Host& host)
    : fd_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (fd_ < 0)
    throw flux::BackendError(FLUX_E_FAILED, "cannot open " + file + ": " + std::generic_category().message(errno));
  try {
    wait_for(fd_, timeout_ms, host);
  } catch (...) {
    close(fd_);
    throw;
  }
  const std::string pid = std::to_string(getpid());
  if (ftruncate(fd_, 0) != 0 || pwrite(fd_, pid.data(), pid.size(), 0) < 0)
    host.log(FLUX_LOG_DEBUG, "the lock file does not name this process");
}

// The file stays: removing it would let a third process lock a new one while a second still waits for the old.
FolderLock::~FolderLock() { close(fd_); }

std::optional<std::string> FolderLock::holder_of(const std::string& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return std::nullopt;
  if (fd < 0)
    throw flux::BackendError(FLUX_E_FAILED, "cannot open " + file + ": " + std::generic_category().message(errno));
  // The file alone says nothing: it stays behind when the lock is given back.
  const bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  const std::optional<std::string> out = held ? std::optional<std::string>(holder(fd)) : std::nullopt;
  close(fd);
  return out;
}

}  // namespace memo
