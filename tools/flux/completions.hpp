// Completions for shells, made from the command line's own description.
#pragma once

#include <string>

#include "command_spec.hpp"

namespace flux::cli {

std::string bash_completions(const CommandLineSpec& spec);
std::string zsh_completions(const CommandLineSpec& spec);
std::string fish_completions(const CommandLineSpec& spec);

}  // namespace flux::cli
