// Runs a program to its end and keeps what it wrote.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flux::testing {

struct ProcessResult {
  int exit_code = -1;    // 128 + the signal where one ended it
  std::string out, err;  // stdout and stderr, whole
};

struct ProcessOptions {
  std::filesystem::path cwd;                              // empty: the test's own
  std::map<std::string, std::optional<std::string>> env;  // added to the test's own environment; nullopt: removed
  std::string stdin_text;                                 // what it reads; never a terminal
  std::chrono::seconds timeout{60};                       // then it is killed and run_process throws
  std::function<void(int pid)> meanwhile;  // called in another thread once it runs; it is waited for
  std::optional<unsigned> uid;  // run as this user and the group of the same number (root only)
};

// Starts argv[0] (looked up in PATH unless it holds a slash), without a shell, and waits for it.
// Throws std::runtime_error where it cannot be started or does not end in time.
ProcessResult run_process(const std::vector<std::string>& argv, const ProcessOptions& options = {});

}  // namespace flux::testing
