// Runs a program on a terminal of its own, as a person at a keyboard would.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flux::cli::test {

struct TerminalResult {
  int exit_code = -1;
  std::string screen;  // everything that was written, line ends as "\n"
};

// stdin, stdout and stderr of `argv` are a terminal with `columns`; `typed` is typed once the program has written
// `prompt` (at once where that is empty). Throws std::runtime_error where it does not end within a minute.
TerminalResult run_on_terminal(const std::vector<std::string>& argv, const std::filesystem::path& cwd,
                               const std::map<std::string, std::optional<std::string>>& environment,
                               unsigned short columns, const std::string& prompt, const std::string& typed);

}  // namespace flux::cli::test
