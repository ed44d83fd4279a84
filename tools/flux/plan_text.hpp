// A plan for people.
#pragma once

#include <flux/core/plan.hpp>
#include <string>

#include "terminal.hpp"

namespace flux::cli {

// A table with one line for each step.
std::string steps_text(const Plan& plan, const Stream& stream);

// That a plan holds no migration, as a line.
std::string nothing_text(const Plan& plan, const std::string& target);

// The text of each step's script, indented below its name.
std::string scripts_text(const Plan& plan, const Stream& stream);

}  // namespace flux::cli
