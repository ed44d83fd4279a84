// Questions to a person.
#pragma once

#include <optional>
#include <string>

#include <flux/core/error.hpp>

#include "console.hpp"

namespace flux::cli {

// One line from stdin, without its line break; nullopt where stdin ends before one.
std::optional<std::string> read_line();

// Asks `question` on stderr. Throws Error{cancelled} unless the answer is a yes.
void ask(Console& console, const std::string& question);

// What to throw where nobody can be asked whether to do `what`; `hint` says how to do it without being asked.
Error nobody_to_ask(const std::string& what, const std::string& hint);

}  // namespace flux::cli
