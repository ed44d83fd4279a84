// The manual page flux(1), made of the same data as --help.
#pragma once

#include <string>

#include "command_spec.hpp"

namespace flux::cli {

// The page as man(1) reads it, in the macros of man(7). The same for the same `spec` and version of flux.
std::string manual_text(const CommandLineSpec& spec);

}  // namespace flux::cli
