#include "file_safety.hpp"

#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace flux {
namespace {

namespace fs = std::filesystem;

// `is_parent`: a folder that is only passed through. There, a sticky one like /tmp is safe: nobody can replace what another
// user owns in it, and what we use in it is checked by itself.
std::string unsafe_entry(const fs::path& path, bool is_parent) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return path.string() + " cannot be examined: " + std::strerror(errno);
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) return path.string() + " is owned by neither root nor you";
  if (S_ISLNK(info.st_mode)) return "";  // a link's mode says nothing; its target is checked
  const bool writable = (info.st_mode & S_IWOTH) != 0;
  const bool sticky_parent = is_parent && S_ISDIR(info.st_mode) && (info.st_mode & S_ISVTX) != 0;
  if (writable && !sticky_parent) return path.string() + " is writable by everyone";
  return "";
}

std::string unsafe_chain(const fs::path& path) {
  const fs::path containing = path.parent_path();
  for (fs::path at = path;; at = at.parent_path()) {
    const bool is_parent = at != path && at != containing;
    if (std::string why = unsafe_entry(at, is_parent); !why.empty()) return why;
    if (at == at.root_path() || at.empty()) return "";
  }
}

}  // namespace

std::string unsafe_reason(const fs::path& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error) return path.string() + " cannot be resolved: " + error.message();
  if (std::string why = unsafe_chain(path.lexically_normal()); !why.empty()) return why;
  return real == path ? "" : unsafe_chain(real);
}

bool has_elevated_privileges() noexcept {
  return ::getauxval(AT_SECURE) != 0 || ::geteuid() != ::getuid() || ::getegid() != ::getgid();
}

}  // namespace flux
