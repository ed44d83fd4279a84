// A plan that was written to a file, to be looked at, approved and then run as it is.
#pragma once

#include <flux/core/plan.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace flux::cli {

// What a plan was made for.
struct PlanFor {
  std::string backend, target, name_space;  // target: as the backend describes it, without secrets
  bool operator==(const PlanFor&) const = default;
};

struct PlanFile {
  struct Step {
    std::string kind, id, hash, undo_hash;  // the last two: "" where there is no such script
    bool operator==(const Step&) const = default;
  };
  PlanFor made_for;
  Request request;
  std::string history_fingerprint;
  std::vector<Step> steps;
};

// The content of a plan file.
std::string plan_file_text(const Plan& plan, const PlanFor& made_for);
// Reads one; `name` is for messages. Throws Error{usage} with the line where it is no plan file, or not of this version.
PlanFile parse_plan_file(std::string_view text, const std::string& name);
// The same from a file. Throws Error{usage} where it cannot be read.
PlanFile read_plan_file(const std::string& file);
// Writes a new file or replaces one as a whole. Throws Error{usage}.
void write_plan_file(const std::string& file, const std::string& text);

// Everything in which what would run now differs from the file, each as a sentence; empty: nothing.
std::vector<std::string> differences(const PlanFile& approved, const Plan& now, const PlanFor& now_for);

}  // namespace flux::cli
