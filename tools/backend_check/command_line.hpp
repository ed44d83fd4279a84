// The options of flux-backend-check.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace flux::check {

enum class Format { text, json, junit };

struct Options {
  std::filesystem::path file;
  std::string uri;
  std::optional<std::filesystem::path> quirks;
  std::vector<std::string> only, settings;
  Format format = Format::text;
  int limit_percent = 100;
  bool list = false;
};

// What main() is to do at once: an exit code and a text, to stderr where the code is not 0.
struct Answer {
  int exit_code = 0;
  std::string text;
};

// Fills `options`; a value is what ends the program here: help, the version, a mistake (exit code 2).
std::optional<Answer> parse_command_line(int argc, char** argv, Options& options);

// The command that was given, for a shell, without --only and what does not matter to it; the passwords of the URI are
// "***".
std::string command_again(const Options& options);

}  // namespace flux::check
