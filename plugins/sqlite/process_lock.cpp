#include "process_lock.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include "timestamp.hpp"

namespace flux::sqlite {
namespace {

constexpr auto least_pause = std::chrono::milliseconds(5);
constexpr auto most_pause = std::chrono::milliseconds(200);

std::string system_message(int code) { return std::generic_category().message(code); }

std::string user_name() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return std::to_string(geteuid());
}

std::string host_name() {
  std::array<char, 256> buffer{};
  return gethostname(buffer.data(), buffer.size() - 1) == 0 ? buffer.data() : "";
}

std::string now() {
  using std::chrono::microseconds, std::chrono::duration_cast, std::chrono::system_clock;
  const std::int64_t us = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
  return format_timestamp(us / 1'000'000 * 1'000'000).substr(0, 19) + " UTC";
}

struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  ~Descriptor() {
    if (number >= 0) close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  const int number;
};

// What the holder of a lock has written into its file, open as `descriptor`.
std::string holder_in(int descriptor) {
  std::array<char, 512> buffer{};
  const ssize_t size = descriptor < 0 ? 0 : pread(descriptor, buffer.data(), buffer.size(), 0);
  std::string text(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0U);
  text = text.substr(0, text.find('\n'));
  return text.empty() ? "another process" : text;
}

}  // namespace

ProcessLock::ProcessLock(std::string file, std::chrono::milliseconds limit, std::string_view program,
                         const Cancellation& cancellation)
    : file_(std::move(file)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::minstd_rand random(std::random_device{}());
  auto pause = least_pause;
  while (!try_lock()) {
    cancellation.check();
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= left.zero()) {
      const Descriptor lock(open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
      throw BackendError(FLUX_E_LOCKED, "the migration lock " + file_ + " is held by " + holder_in(lock.number))
          .hint("wait for it to end, or raise lock_timeout; the lock is freed when that process ends");
    }
    // Between half and all of it, so that those who wait do not wake up together.
    const auto half = pause.count() / 2;
    const auto jittered = std::chrono::milliseconds(half + static_cast<std::int64_t>(random()) % (half + 1));
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(jittered, left));
    pause = std::min(pause * 2, most_pause);
  }
  write_holder(program);
}

ProcessLock::~ProcessLock() {
  // Deleted while it is still locked: whoever opened it before finds out by is_stale().
  unlink(file_.c_str());
  close_file();
}

bool ProcessLock::try_lock() {
  // Again, where the one that had it deleted the file between our opening and locking it.
  for (;;) {
    open_file();
    int result = 0;
    do result = flock(descriptor_, LOCK_EX | LOCK_NB);
    while (result != 0 && errno == EINTR);
    if (result == 0 && !is_stale()) return true;
    const int code = errno;
    close_file();
    if (result == 0) continue;
    if (code == EWOULDBLOCK) return false;
    throw BackendError(FLUX_E_FAILED, "the migration lock " + file_ + " cannot be taken: " + system_message(code));
  }
}

bool ProcessLock::is_stale() const {
  struct stat here {
  }, there{};
  return fstat(descriptor_, &here) != 0 || stat(file_.c_str(), &there) != 0 || here.st_ino != there.st_ino ||
         here.st_dev != there.st_dev;
}

void ProcessLock::open_file() {
  constexpr int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  descriptor_ = open(file_.c_str(), O_RDWR | O_CREAT | flags, 0666);
  const int refusal = errno;
  // In a folder like /tmp the file of another user must not be opened so, but can still be locked.
  if (descriptor_ < 0 && errno == EACCES) descriptor_ = open(file_.c_str(), O_RDWR | flags);
  if (descriptor_ < 0 && errno == EACCES) descriptor_ = open(file_.c_str(), O_RDONLY | flags);
  if (descriptor_ < 0 && errno == ENOENT) errno = refusal;
  struct stat status {};
  if (descriptor_ >= 0 && fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) return;
  const std::string why = descriptor_ >= 0 ? "it is not a regular file" : system_message(errno);
  close_file();
  throw BackendError(FLUX_E_FAILED, "the migration lock " + file_ + " cannot be made: " + why)
      .hint("Flux needs to write files in the database's folder");
}

void ProcessLock::close_file() noexcept {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
}

void ProcessLock::write_holder(std::string_view program) const {
  const std::string line = "pid " + std::to_string(getpid()) + " (" + std::string(program) + ", user " + user_name() +
                           " on " + host_name() + ") since " + now() + "\n";
  // For people alone: a lock that cannot say who holds it is a lock all the same.
  if (ftruncate(descriptor_, 0) == 0 && pwrite(descriptor_, line.data(), line.size(), 0) < 0) errno = 0;
}

std::optional<std::string> holder_of_lock(const std::string& file) {
  const Descriptor lock(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (lock.number < 0 && errno == ENOENT) return std::nullopt;
  if (lock.number < 0)
    throw BackendError(FLUX_E_FAILED, "the migration lock " + file + " cannot be looked at: " + system_message(errno));
  // One that nobody holds was left by a process that was killed.
  if (flock(lock.number, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK) return std::nullopt;
  return holder_in(lock.number);
}

}  // namespace flux::sqlite
