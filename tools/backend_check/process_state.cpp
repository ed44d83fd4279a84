#include "process_state.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <clocale>
#include <filesystem>
#include <fstream>

namespace flux::check {
namespace {

constexpr int watched_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGALRM, SIGUSR1, SIGUSR2};

}  // namespace

std::vector<int> open_descriptors() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    names.push_back(entry.path().filename());
  std::vector<int> out;
  for (const std::string& name : names) {
    const int fd = std::stoi(name);
    if (std::filesystem::exists(std::filesystem::symlink_status("/proc/self/fd/" + name))) out.push_back(fd);
  }
  return out;
}

std::size_t thread_count() {
  std::size_t out = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ++out;
  return out;
}

std::size_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::size_t whole = 0, resident = 0;
  in >> whole >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

ProcessState ProcessState::now() {
  ProcessState state;
  state.folder = std::filesystem::current_path();
  state.locale = std::setlocale(LC_ALL, nullptr);
  state.umask = ::umask(022);
  ::umask(state.umask);
  for (const int number : watched_signals) {
    struct sigaction action {};
    sigaction(number, nullptr, &action);
    state.handlers.push_back(reinterpret_cast<const void*>(action.sa_handler));
  }
  return state;
}

std::string ProcessState::difference(const ProcessState& later) const {
  if (folder != later.folder) return "the current folder is " + later.folder;
  if (locale != later.locale) return "the locale is " + later.locale;
  if (umask != later.umask) return fmt::format("the umask is {:03o}", later.umask);
  for (std::size_t i = 0; i < handlers.size(); ++i)
    if (handlers[i] != later.handlers[i]) return fmt::format("signal {} is handled otherwise", watched_signals[i]);
  return "";
}

}  // namespace flux::check
