#include "terminal.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace flux::cli {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

Stream detect_stream(int fd, bool no_colour) {
  Stream stream;
  stream.terminal = isatty(fd) == 1;
  if (!stream.terminal) return stream;
  stream.moves = is_set("TERM") && std::string_view(std::getenv("TERM")) != "dumb";
  stream.colour = stream.moves && !no_colour && !is_set("NO_COLOR");
  winsize size{};
  stream.columns = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  return stream;
}

}  // namespace

std::string Stream::painted(std::string_view code, std::string_view text) const {
  return colour && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

Terminal detect_terminal(bool no_colour) {
  Terminal terminal;
  terminal.out = detect_stream(STDOUT_FILENO, no_colour);
  terminal.err = detect_stream(STDERR_FILENO, no_colour);
  terminal.interactive = isatty(STDIN_FILENO) == 1 && terminal.err.terminal;
  return terminal;
}

}  // namespace flux::cli
