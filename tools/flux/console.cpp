#include "console.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>

#include "text.hpp"

namespace flux::cli {
namespace {

// 0, or the errno of what went wrong.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

std::string log_line(LogLevel level, std::string_view message, const Stream& stream) {
  const std::string text = visible_lines(message);
  switch (level) {
    case LogLevel::error:
      return fmt::format("{} {}\n", stream.red("error:"), text);
    case LogLevel::warn:
      return fmt::format("{} {}\n", stream.yellow("warning:"), text);
    case LogLevel::info:
      return fmt::format("{} {}\n", stream.dim("info:"), text);
    case LogLevel::debug:
      return fmt::format("{} {}\n", stream.dim("debug:"), text);
    case LogLevel::trace:
      return fmt::format("{} {}\n", stream.dim("trace:"), text);
    case LogLevel::off:
      break;
  }
  return {};
}

}  // namespace

Console::~Console() {
  const std::lock_guard lock(mutex_);
  clear_progress();
}

void Console::out(std::string_view text) {
  const std::lock_guard lock(mutex_);
  clear_progress();
  const int error = write_all(STDOUT_FILENO, text);
  if (output_error_ == 0) output_error_ = error;
}

void Console::err(std::string_view text) {
  const std::lock_guard lock(mutex_);
  clear_progress();
  write_all(STDERR_FILENO, text);
}

void Console::log(LogLevel level, std::string_view message) { err(log_line(level, message, terminal_.err)); }

void Console::progress(std::string_view line) {
  if (!terminal_.err.moves) return;
  const std::lock_guard lock(mutex_);
  if (line.empty()) {
    clear_progress();
    return;
  }
  // One column stays free: a full line would wrap on some terminals.
  write_all(STDERR_FILENO, fmt::format("\r{}\x1b[K", fit_end(line, terminal_.err.columns - 1)));
  progress_shown_ = true;
}

int Console::output_error() const {
  const std::lock_guard lock(mutex_);
  return output_error_;
}

void Console::clear_progress() {
  if (progress_shown_) write_all(STDERR_FILENO, "\r\x1b[K");
  progress_shown_ = false;
}

}  // namespace flux::cli
