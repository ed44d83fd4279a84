#include "file_safety.hpp"

#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>

namespace flux {
namespace {

namespace fs = std::filesystem;

// The way to a file, taken as the kernel takes it: link by link, so that a folder that holds but a link on the way is
// looked at like any other.
class Way {
 public:
  Way(const fs::path& path, std::optional<uid_t> also_trusted) : also_trusted_(also_trusted) { prepend(path); }

  // Why it cannot be trusted; "" where it can.
  std::string problem() {
    std::string why = writable_reason(done_, true);
    while (why.empty() && !left_.empty()) why = step();
    if (!why.empty()) return why;
    // A sticky folder like /tmp is safe to pass through: nobody can replace what another user owns in it. But what is
    // used, and the folder that it is in, must be nobody else's to write.
    if (why = writable_reason(done_.parent_path(), false); !why.empty()) return why;
    return writable_reason(done_, false);
  }

 private:
  struct stat examined(const fs::path& path, std::string& problem) const {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) problem = path.string() + " cannot be examined: " + std::strerror(errno);
    else if (info.st_uid != 0 && info.st_uid != ::geteuid() && info.st_uid != also_trusted_) problem = path.string() + " is owned by neither root nor you";
    return info;
  }

  std::string writable_reason(const fs::path& path, bool sticky_is_safe) const {
    std::string problem;
    const struct stat info = examined(path, problem);
    if (!problem.empty()) return problem;
    const bool safe = sticky_is_safe && S_ISDIR(info.st_mode) && (info.st_mode & S_ISVTX) != 0;
    return (info.st_mode & S_IWOTH) != 0 && !safe ? path.string() + " is writable by everyone" : "";
  }

  void prepend(const fs::path& path) {
    if (path.is_absolute()) done_ = "/";
    const fs::path relative = path.relative_path();
    left_.insert(left_.begin(), relative.begin(), relative.end());
  }

  std::string step() {
    const fs::path name = left_.front();
    left_.pop_front();
    if (name.empty() || name == ".") return "";
    if (name == "..") return done_ = done_.parent_path(), "";
    const fs::path at = done_ / name;
    std::string why;
    const struct stat info = examined(at, why);
    if (!why.empty()) return why;
    if (S_ISLNK(info.st_mode)) return follow(at);  // a link's mode says nothing
    done_ = at;
    return left_.empty() ? "" : writable_reason(at, true);
  }

  std::string follow(const fs::path& link) {
    if (++links_ > 40) return link.string() + " cannot be resolved: too many symbolic links";
    std::error_code error;
    const fs::path target = fs::read_symlink(link, error);
    if (error) return link.string() + " cannot be resolved: " + error.message();
    prepend(target);
    return "";
  }

  std::optional<uid_t> also_trusted_;
  fs::path done_ = "/";  // without a link in it
  std::deque<fs::path> left_;
  int links_ = 0;
};

}  // namespace

std::string unsafe_reason(const fs::path& path, std::optional<uid_t> also_trusted) { return Way(path, also_trusted).problem(); }

bool has_elevated_privileges() noexcept {
  return ::getauxval(AT_SECURE) != 0 || ::geteuid() != ::getuid() || ::getegid() != ::getgid();
}

}  // namespace flux
