// Runs a check in a process of its own, so that what a backend does to its process is a result like any other.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "check.hpp"
#include "scene.hpp"

namespace flux::check {

enum class Verdict { passed, failed, not_declared, no_quirk };

struct Result {
  const Check* check = nullptr;
  Verdict verdict = Verdict::failed;
  std::string expected, came;  // of a failure; `came` is what is not declared, or which quirk there is not
  std::string output;          // what the process wrote to stdout and stderr
  std::chrono::milliseconds took{};
};

// What every check is run with.
struct Job {
  std::filesystem::path file;
  std::string uri;  // {n} in it is another number for each check
  Quirks quirks;
  std::vector<std::string> settings;  // KEY=VALUE
  int limit_percent = 100;            // of every check's time limit
  bool listing_wrote = false;         // the first listing has changed the target
  std::string problem;                // why nobody knows what is in the target; "": it is known
};

// Runs `check`, the one of number `number`, and takes away what it has left in the target. Throws std::invalid_argument
// instead where it would connect to a target that has somebody's history, or whose history cannot be listed.
Result run_check(const Check& check, std::size_t number, const Job& job);

// Looks at the target before anything is written to it. Throws std::invalid_argument where it has a history of
// somebody's in the namespace "" (a listing of all namespaces there is not), and for a setting that the backend does
// not know. Takes away what an earlier run has left.
void prepare_target(Job& job);

}  // namespace flux::check
