#include "shadow_folder.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <flux/backend.hpp>
#include <system_error>

namespace memo {
namespace {

namespace fs = std::filesystem;

constexpr const char* prefix = "flux-memo-shadow-";

int open_folder(const std::string& path) { return open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }

// Removed folders have no links.
bool is_there(int fd) {
  struct stat info {};
  return fstat(fd, &info) == 0 && info.st_nlink > 0;
}

}  // namespace

ShadowFolder::ShadowFolder() {
  const auto fail = [this] {
    throw flux::BackendError(FLUX_E_FAILED, "cannot make " + path_ + ": " + std::generic_category().message(errno));
  };
  // Another process may sweep it away before this one has its lock.
  do {
    if (fd_ >= 0) close(fd_);
    path_ = (fs::temp_directory_path() / (std::string(prefix) + "XXXXXX")).string();
    if (mkdtemp(path_.data()) == nullptr) fail();
    fd_ = open_folder(path_);
    if (fd_ < 0 && errno != ENOENT) fail();
  } while (fd_ < 0 || flock(fd_, LOCK_EX) != 0 || !is_there(fd_));
}

ShadowFolder::~ShadowFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  close(fd_);
}

void ShadowFolder::sweep() {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(fs::temp_directory_path(), ignored)) {
    if (entry.path().filename().string().rfind(prefix, 0) != 0) continue;
    const int fd = open_folder(entry.path().string());
    if (fd < 0) continue;
    // The kernel has freed the lock of a maker that is dead. Of another user's folder nothing can be removed.
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) fs::remove_all(entry.path(), ignored);
    close(fd);
  }
}

}  // namespace memo
