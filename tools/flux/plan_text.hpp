// A plan for people.
#pragma once

#include <flux/core/plan.hpp>
#include <string>

#include "result.hpp"
#include "terminal.hpp"

namespace flux::cli {

// A table with one line for each step.
void write_steps(const Plan& plan, const Stream& stream, const Write& write);

// That a plan holds no migration, as a line.
std::string nothing_text(const Plan& plan, const std::string& target);

// The text of each step's script, indented below its name.
void write_scripts(const Plan& plan, const Stream& stream, const Write& write);

}  // namespace flux::cli
