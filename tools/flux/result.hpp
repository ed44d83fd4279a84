// What a command comes to, before it is written as text or as JSON.
#pragma once

#include <cstddef>
#include <flux/core/error.hpp>
#include <flux/core/migrator.hpp>
#include <flux/core/plan.hpp>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flux::cli {

using Json = nlohmann::ordered_json;

// Where a failing batch stopped.
struct StoppedBatch {
  struct FailedStep {
    std::string id;
    StepKind kind;
  };
  std::vector<FailedStep> failed;
  bool rollback = false;        // it was undoing, not applying
  std::size_t done = 0;         // migrations applied or undone before it
  std::size_t rolled_back = 0;  // migrations that ran, and were taken back with it
  std::size_t not_run = 0;      // migrations left
};

// Takes the next piece of an output.
using Write = std::function<void(std::string_view)>;
// Hands over the elements of a list, one after the other.
using Elements = std::function<void(const std::function<void(const Json&)>& take)>;

struct Result {
  int exit_code = 0;
  std::string text = {};                             // for stdout
  std::function<void(const Write&)> long_text = {};  // what follows it and may be too long to be made first
  std::vector<std::string> warnings = {};
  std::size_t warnings_seen = 0;  // how many of them, from the first, a person has read already
  std::vector<Failure> failures = {};
  std::optional<StoppedBatch> batch = {};           // set where a batch was begun and failed
  Json data = Json::object();                       // the command's own members of the JSON document
  std::map<std::string, Elements> long_lists = {};  // those that may be too long to be made first; null in `data`
};

// The result of a command that could not go on.
Result failed(const Error& error);

// Everything of a project that stands against its next apply.
std::vector<Failure> failures_of(const Status& status);
// The exit code of a command that found `failures` and did nothing: 0 for none, that of an interrupted migration only
// where nothing else is wrong.
int failures_exit_code(const std::vector<Failure>& failures);

}  // namespace flux::cli
