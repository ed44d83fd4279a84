// A line of a script with a caret below the place that is wrong.
#pragma once

#include <flux/core/error.hpp>
#include <string>
#include <string_view>

#include "terminal.hpp"

namespace flux::cli {

// Two lines, each indented by four columns: the source line with its number, and the caret with `message` beside it
// (below it where there is no room). A line longer than the terminal is cut around the caret. `where` has a line and
// its text.
std::string source_excerpt(const SourcePosition& where, std::string_view message, const Stream& stream);

}  // namespace flux::cli
