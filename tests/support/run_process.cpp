#include "run_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace flux::testing {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

struct Fd {
  int fd = -1;
  Fd() = default;
  explicit Fd(int f) : fd(f) {}
  Fd(Fd&& other) noexcept : fd(std::exchange(other.fd, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd, other.fd);
    return *this;
  }
  ~Fd() { reset(); }
  void reset() {
    if (fd >= 0) close(fd);
    fd = -1;
  }
};

struct Pipe {
  Fd read, write;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe");
    read = Fd(ends[0]);
    write = Fd(ends[1]);
  }
};

std::vector<std::string> environment(const std::map<std::string, std::optional<std::string>>& changes) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) all[text.substr(0, equals)] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : changes) {
    if (value) {
      all[name] = *value;
    } else {
      all.erase(name);
    }
  }
  std::vector<std::string> out;
  for (const auto& [name, value] : all) out.push_back(name + '=' + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// In the child, between fork and exec: nothing that allocates. Ends with exec, or writes errno into `failure`.
void become(char** argv, char** envp, const ProcessOptions& options, const char* cwd, int in, int out, int err,
            int failure) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  bool ready = dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0 && (*cwd == '\0' || chdir(cwd) == 0);
  if (ready && options.uid)
    ready = setgroups(0, nullptr) == 0 && setgid(*options.uid) == 0 && setuid(*options.uid) == 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is killed leaves nothing behind
  if (ready) execvpe(argv[0], argv, envp);
  const int error = errno;
  static_cast<void>(!::write(failure, &error, sizeof error));
  _exit(127);
}

class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      wait();
    }
  }
  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_;
};

// Feeds and drains the pipes until the child has closed both of its outputs.
void exchange(Fd& in, std::string_view input, Fd& out, std::string& out_text, Fd& err, std::string& err_text,
              std::chrono::steady_clock::time_point deadline) {
  fcntl(in.fd, F_SETFL, O_NONBLOCK);
  if (input.empty()) in.reset();
  while (out.fd >= 0 || err.fd >= 0) {
    pollfd fds[] = {{in.fd, POLLOUT, 0}, {out.fd, POLLIN, 0}, {err.fd, POLLIN, 0}};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) throw std::runtime_error("the program did not end in time; so far: " + out_text + err_text);
    if (poll(fds, 3, static_cast<int>(left)) < 0 && errno != EINTR) fail("poll");
    if (in.fd >= 0 && fds[0].revents != 0) {
      const ssize_t n = ::write(in.fd, input.data(), input.size());
      if (n > 0) input.remove_prefix(static_cast<std::size_t>(n));
      if (input.empty() || (n < 0 && errno != EAGAIN)) in.reset();
    }
    const auto drain = [](Fd& from, short events, std::string& text) {
      if (from.fd < 0 || events == 0) return;
      char buffer[65536];
      const ssize_t n = ::read(from.fd, buffer, sizeof buffer);
      if (n > 0) text.append(buffer, static_cast<std::size_t>(n));
      if (n == 0 || (n < 0 && errno != EINTR)) from.reset();
    };
    drain(out, fds[1].revents, out_text);
    drain(err, fds[2].revents, err_text);
  }
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& argv, const ProcessOptions& options) {
  std::vector<std::string> arguments = argv, variables = environment(options.env);
  std::vector<char*> argument_pointers = pointers(arguments), variable_pointers = pointers(variables);
  const std::string cwd = options.cwd.string();
  Pipe in, out, err, failure;
  const auto ignored = signal(SIGPIPE, SIG_IGN);  // a program may end without having read its input

  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0)
    become(argument_pointers.data(), variable_pointers.data(), options, cwd.c_str(), in.read.fd, out.write.fd,
           err.write.fd, failure.write.fd);
  std::jthread companion;  // ends after the child, which it may be waiting for
  Child child(pid);
  in.read.reset();
  out.write.reset();
  err.write.reset();
  failure.write.reset();

  int error = 0;
  if (::read(failure.read.fd, &error, sizeof error) > 0) {
    errno = error;
    fail("cannot run " + argv.at(0));
  }
  if (options.meanwhile) companion = std::jthread([&options, pid] { options.meanwhile(pid); });
  ProcessResult result;
  exchange(in.write, options.stdin_text, out.read, result.out, err.read, result.err,
           std::chrono::steady_clock::now() + options.timeout);
  result.exit_code = child.wait();
  signal(SIGPIPE, ignored);
  return result;
}

}  // namespace flux::testing
