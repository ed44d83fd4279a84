#include "terminal_run.hpp"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace flux::cli::test {
namespace {

[[noreturn]] void become(const std::vector<std::string>& argv, const std::filesystem::path& cwd,
                         const std::map<std::string, std::optional<std::string>>& environment) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  for (const auto& [name, value] : environment)
    value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
  if (::chdir(cwd.c_str()) == 0) ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

std::string with_line_feeds(std::string text) {
  for (std::size_t at = 0; (at = text.find("\r\n", at)) != std::string::npos;) text.erase(at, 1);
  return text;
}

}  // namespace

TerminalResult run_on_terminal(const std::vector<std::string>& argv, const std::filesystem::path& cwd,
                               const std::map<std::string, std::optional<std::string>>& environment,
                               unsigned short columns, const std::string& prompt, const std::string& typed) {
  const winsize size{24, columns, 0, 0};
  int terminal = -1;
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "forkpty");
  if (pid == 0) become(argv, cwd, environment);

  TerminalResult result;
  bool has_typed = typed.empty();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (true) {
    if (!has_typed && result.screen.find(prompt) != std::string::npos) {
      if (::write(terminal, typed.data(), typed.size()) < 0)
        throw std::system_error(errno, std::generic_category(), "write");
      has_typed = true;
    }
    if (std::chrono::steady_clock::now() > deadline) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
      ::close(terminal);
      throw std::runtime_error("it does not end; on the terminal: " + result.screen);
    }
    pollfd wait{terminal, POLLIN, 0};
    if (::poll(&wait, 1, 200) <= 0) continue;
    char buffer[4096];
    const ssize_t got = ::read(terminal, buffer, sizeof buffer);
    if (got <= 0) break;  // EIO: the program has ended
    result.screen.append(buffer, static_cast<std::size_t>(got));
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  ::close(terminal);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.screen = with_line_feeds(std::move(result.screen));
  return result;
}

}  // namespace flux::cli::test
