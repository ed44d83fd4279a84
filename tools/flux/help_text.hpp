// What --help prints.
#pragma once

#include <string>
#include <string_view>

#include "command_spec.hpp"

namespace flux::cli {

std::string general_help(const CommandLineSpec& spec);
// `command` is one of spec's.
std::string command_help(const CommandLineSpec& spec, std::string_view command);

// "diff FROM TO"
std::string usage_of(const CommandSpec& command);

}  // namespace flux::cli
