#include "new_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <flux/core/error.hpp>

namespace flux::cli {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  if (error == EEXIST)
    throw Error(Failure{ErrorCode::usage, fmt::format("{} exists already; nothing was written", path.string())});
  throw Error(Failure{ErrorCode::config, fmt::format("cannot write {}: {}", path.string(), std::strerror(error))});
}

// A file beside the one that is to be, gone when this is.
class Draft {
 public:
  explicit Draft(const std::filesystem::path& path) : name_(path.string() + ".XXXXXX") {
    fd_ = ::mkostemp(name_.data(), O_CLOEXEC);
    if (fd_ < 0) fail(path, errno);
  }
  ~Draft() {
    ::close(fd_);
    ::unlink(name_.c_str());
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  // 0, or the errno of what went wrong.
  int write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = ::write(fd_, text.data(), text.size());
      if (written < 0 && errno != EINTR) return errno;
      if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
    // mkostemp gives the owner alone a look at it; a file of a project has what the umask allows.
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return ::fchmod(fd_, 0666 & ~mask) == 0 && ::fsync(fd_) == 0 ? 0 : errno;
  }

  // link, unlike rename, replaces nothing.
  int publish(const std::filesystem::path& path) const {
    if (::link(name_.c_str(), path.c_str()) == 0) return 0;
    const bool no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS;
    if (!no_links) return errno;
    if (::access(path.c_str(), F_OK) == 0) return EEXIST;
    return ::rename(name_.c_str(), path.c_str()) == 0 ? 0 : errno;
  }

 private:
  std::string name_;
  int fd_ = -1;
};

}  // namespace

void write_new_file(const std::filesystem::path& path, std::string_view text) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) fail(path, EEXIST);
  const Draft draft(path);
  if (const int error = draft.write(text); error != 0) fail(path, error);
  if (const int error = draft.publish(path); error != 0) fail(path, error);
}

}  // namespace flux::cli
