// Runs flux-backend-check.
#pragma once

#include <nlohmann/json.hpp>
#include <run_process.hpp>
#include <string>
#include <vector>

namespace flux::testing {

// What a run of it has found.
struct CheckerRun {
  ProcessResult process;
  nlohmann::json report;  // of --format json; null where it has written none
  // The names of the checks with that result: "passed", "failed" or "not declared".
  std::vector<std::string> names(const std::string& result) const;
};

// `fault`: that of the toy. More arguments behind FILE.
CheckerRun run_checker(const std::string& file, const std::vector<std::string>& arguments,
                       const std::string& fault = "");

// All names of --list.
std::vector<std::string> all_check_names();

// The toy's file in that folder of this build, and the arguments for it with a new target in `folder`.
std::string toy_file(const std::string& variant = "good");
std::vector<std::string> toy_arguments(const std::string& folder);

}  // namespace flux::testing
