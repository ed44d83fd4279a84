// Lines for people who watch or operate, apart from a command's result.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <flux/core/config.hpp>

namespace flux {

// Where log lines go. Copyable, cheap, usable from any thread.
class Log {
 public:
  // Writes to stderr from `level` on, with colour where asked.
  static Log to_stderr(LogLevel level, bool colour);
  // Hands each line from `level` on to `sink`.
  static Log to(LogLevel level, std::function<void(LogLevel, std::string_view)> sink);
  // Nowhere.
  static Log silent();

  void write(LogLevel level, std::string_view message) const;
  void debug(std::string_view message) const { write(LogLevel::debug, message); }
  void info(std::string_view message) const { write(LogLevel::info, message); }
  void warn(std::string_view message) const { write(LogLevel::warn, message); }

 private:
  struct Impl;
  explicit Log(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace flux
