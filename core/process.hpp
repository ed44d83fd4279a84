// Runs another program, without a shell.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flux {

struct ProcessOutput {
  int exit_code = 0;  // 128 + the signal's number where a signal ended it
  std::string out, err;
};

// Runs `arguments` (the first is the program, looked up in PATH) in `folder` with `input` as its stdin, and waits for its
// end. nullopt where it cannot be started; `problem` then says why.
std::optional<ProcessOutput> run_process(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                                         std::string_view input, std::string& problem);

}  // namespace flux
