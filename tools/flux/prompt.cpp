#include "prompt.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>

namespace flux::cli {
namespace {

bool is_yes(const std::optional<std::string>& answer) {
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "Yes" || answer == "YES";
}

}  // namespace

std::optional<std::string> read_line() {
  std::string line;
  char c = 0;
  while (true) {
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    if (c == '\n') return line;
    line += c;
  }
}

void ask(Console& console, const std::string& question) {
  console.err(question + " [y/N] ");
  const std::optional<std::string> answer = read_line();
  if (!answer) console.err("\n");
  if (!is_yes(answer)) throw Error(Failure{ErrorCode::cancelled, "nothing was done: the answer was not yes"});
}

Error nobody_to_ask(const std::string& what, const std::string& hint) {
  Failure failure{ErrorCode::usage, fmt::format("there is no terminal to ask whether to {}", what)};
  failure.hint = hint;
  return Error(failure);
}

}  // namespace flux::cli
