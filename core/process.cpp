#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;

namespace flux {
namespace {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { close(); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const noexcept { return fd_; }
  void close() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

bool make_pair(int kind, Fd& ours, Fd& theirs) {
  int fds[2];
  // A socket for stdin: MSG_NOSIGNAL then keeps a child that reads nothing from ending us by SIGPIPE.
  const int failed = kind == SOCK_STREAM ? ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) : ::pipe2(fds, O_CLOEXEC);
  if (failed != 0) return false;
  ours = Fd(fds[0]);
  theirs = Fd(fds[1]);
  return true;
}

// Feeds stdin and drains stdout and stderr until both are closed.
void exchange(Fd& in, Fd& out, Fd& err, std::string_view input, ProcessOutput& result) {
  if (input.empty()) in.close();
  while (out.get() >= 0 || err.get() >= 0) {
    std::array<pollfd, 3> polled{pollfd{in.get(), POLLOUT, 0}, pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0}};
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return;
    if ((polled[0].revents & (POLLOUT | POLLERR | POLLHUP)) != 0) {
      const ssize_t sent = ::send(in.get(), input.data(), input.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) input.remove_prefix(static_cast<std::size_t>(sent));
      if (input.empty() || (sent < 0 && errno != EAGAIN && errno != EINTR)) in.close();
    }
    const auto drain = [](const pollfd& p, Fd& fd, std::string& into) {
      if ((p.revents & (POLLIN | POLLERR | POLLHUP)) == 0) return;
      std::array<char, 65536> buffer;
      const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
      if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
      else if (got == 0 || errno != EINTR) fd.close();
    };
    drain(polled[1], out, result.out);
    drain(polled[2], err, result.err);
  }
}

}  // namespace

std::optional<ProcessOutput> run_process(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                                         std::string_view input, std::string& problem) {
  Fd in, out, err, child_in, child_out, child_err;
  if (!make_pair(SOCK_STREAM, in, child_in) || !make_pair(0, out, child_out) || !make_pair(0, err, child_err)) {
    problem = std::strerror(errno);
    return std::nullopt;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, child_in.get(), 0);
  posix_spawn_file_actions_adddup2(&actions, child_out.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, child_err.get(), 2);
  if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  // A caller may ignore SIGPIPE; pipelines of the program need it as it is by default.
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  // Nor does it inherit signals that the caller has blocked to wait for them.
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  const int failed = ::posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    problem = std::strerror(failed);
    return std::nullopt;
  }
  child_in.close();
  child_out.close();
  child_err.close();
  ProcessOutput result;
  exchange(in, out, err, input, result);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace flux
