// The command line: what may be written, and what was.
#pragma once

#include "command_spec.hpp"
#include "options.hpp"

namespace flux::cli {

// Fills `invocation`. Throws Error{usage}; `global.json` and, as far as it is known, `command` are set then as well.
void parse_command_line(int argc, const char* const* argv, Invocation& invocation);

CommandLineSpec command_line_spec();

}  // namespace flux::cli
