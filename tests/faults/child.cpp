#include "child.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace flux::testing {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment(const std::map<std::string, std::optional<std::string>>& changes) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (changes.count(text.substr(0, text.find('='))) == 0) out.push_back(text);
  }
  for (const auto& [name, value] : changes)
    if (value) out.push_back(name + '=' + *value);
  return out;
}

// In the child, between fork and exec: nothing that allocates.
[[noreturn]] void become(char** argv, char** envp, const char* cwd, const std::optional<unsigned>& uid, int in, int out,
                         int err) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  bool ready = dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0 && (*cwd == '\0' || chdir(cwd) == 0);
  if (ready && uid) ready = setgroups(0, nullptr) == 0 && setgid(*uid) == 0 && setuid(*uid) == 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (ready) execvpe(argv[0], argv, envp);
  _exit(127);
}

int output_file(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path.string());
  return fd;
}

}  // namespace

Child::Child(const std::vector<std::string>& argv, const ProcessOptions& options) {
  std::vector<std::string> arguments = argv, variables = environment(options.env);
  const std::vector<char*> argument_pointers = pointers(arguments), variable_pointers = pointers(variables);
  const std::string cwd = options.cwd.string();
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = output_file(folder_ / "out"), err = output_file(folder_ / "err");
  pid_ = fork();
  if (pid_ == 0)
    become(const_cast<char**>(argument_pointers.data()), const_cast<char**>(variable_pointers.data()), cwd.c_str(),
           options.uid, in, out, err);
  const int error = errno;
  for (const int fd : {in, out, err}) close(fd);
  if (pid_ < 0) throw std::system_error(error, std::generic_category(), "fork");
}

Child::~Child() {
  signal(SIGKILL);
  if (!exit_code_) waitpid(pid_, nullptr, 0);
}

void Child::signal(int number) const noexcept {
  if (!exit_code_) kill(pid_, number);
}

bool Child::running() {
  if (exit_code_) return false;
  int status = 0;
  rusage usage{};
  if (wait4(pid_, &status, WNOHANG, &usage) != pid_) return true;
  peak_memory_ = usage.ru_maxrss;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return false;
}

int Child::wait(std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (running()) {
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("the program did not end in time; so far: " + text());
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return *exit_code_;
}

}  // namespace flux::testing
