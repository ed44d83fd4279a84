// The one place that writes to stdout and stderr.
#pragma once

#include <flux/core/log.hpp>
#include <mutex>
#include <string>
#include <string_view>

#include "terminal.hpp"

namespace flux::cli {

// Writes whole pieces of text, so that results, log lines and the progress line do not garble each other. Usable from
// any thread.
class Console {
 public:
  explicit Console(Terminal terminal) : terminal_(terminal) {}
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  const Terminal& terminal() const noexcept { return terminal_; }

  // Writes at once, without buffer. A failure on stdout is kept for output_error(), one on stderr is not.
  void out(std::string_view text);
  void err(std::string_view text);
  // A log line, on stderr.
  void log(LogLevel level, std::string_view message);

  // Replaces the progress line; empty takes it away. Nothing where stderr is no terminal.
  void progress(std::string_view line);

  // The errno of the first write to stdout that failed; 0: none did.
  int output_error() const;

 private:
  void clear_progress();

  const Terminal terminal_;
  mutable std::mutex mutex_;
  bool progress_shown_ = false;
  int output_error_ = 0;
};

}  // namespace flux::cli
