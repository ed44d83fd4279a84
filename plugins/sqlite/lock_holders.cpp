#include "lock_holders.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <system_error>

namespace fs = std::filesystem;

namespace flux::sqlite {
namespace {

constexpr auto most_time = std::chrono::milliseconds(250);
constexpr std::size_t most_named = 5;

// Links are read and not followed: a file system that hangs must not hang this.
bool has_open(const fs::path& process, const std::string& file) {
  std::error_code error;
  for (fs::directory_iterator at(process / "fd", error), end; !error && at != end; at.increment(error)) {
    std::error_code unreadable;
    if (fs::read_symlink(at->path(), unreadable) == file && !unreadable) return true;
  }
  return false;
}

// The other processes that have `file` open.
std::set<long> users_of(const std::string& file) {
  std::set<long> pids;
  const auto end_of_search = std::chrono::steady_clock::now() + most_time;
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    if (std::chrono::steady_clock::now() > end_of_search) break;
    const std::string name = at->path().filename().string();
    if (name.empty() || name.size() > 9 || name.find_first_not_of("0123456789") != std::string::npos) continue;
    const long pid = std::stol(name);
    if (pid != getpid() && has_open(at->path(), file)) pids.insert(pid);
  }
  return pids;
}

// The processes that hold a lock on `file`, or on the memory that users of its write-ahead log share. Lines are like
// "1: POSIX  ADVISORY  WRITE 1234 fe:00:56789 1073741825 1073741825", or "1: -> POSIX …" for those who wait.
std::set<long> lockers_of(const std::string& file) {
  std::set<std::string> inodes;
  for (const char* suffix : {"", "-shm"}) {
    struct stat status {};
    if (stat((file + suffix).c_str(), &status) == 0) inodes.insert(std::to_string(status.st_ino));
  }
  std::set<long> pids;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, mode, place;
    long pid = 0;
    if (!(words >> number >> kind >> advisory >> mode >> pid >> place) || kind != "POSIX") continue;
    if (inodes.count(place.substr(place.rfind(':') + 1)) > 0) pids.insert(pid);
  }
  return pids;
}

std::string named(long pid) {
  std::string name;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm") >> std::ws, name);
  return "pid " + std::to_string(pid) + (name.empty() ? "" : " (" + name + ")");
}

std::string listed(const std::set<long>& pids) {
  std::string out;
  std::size_t count = 0;
  for (const long pid : pids) {
    if (count++ == most_named) return out + " and " + std::to_string(pids.size() - most_named) + " more";
    out += (out.empty() ? "" : ", ") + named(pid);
  }
  return out;
}

}  // namespace

std::string describe_lock_holders(const std::vector<std::string>& files) {
  std::string locked, used;
  for (const std::string& file : files) {
    const std::set<long> users = users_of(file), lockers = lockers_of(file);
    std::set<long> both;
    std::set_intersection(users.begin(), users.end(), lockers.begin(), lockers.end(), std::inserter(both, both.end()));
    if (!both.empty()) {
      locked += (locked.empty() ? "" : "\n") + file + " is locked by " + listed(both);
    } else if (!users.empty()) {
      used += (used.empty() ? "" : "\n") + file + " is open in " + listed(users);
    }
  }
  if (!locked.empty()) return locked;
  return used.empty() && !files.empty() ? "another program holds a lock on " + files.front() : used;
}

}  // namespace flux::sqlite
