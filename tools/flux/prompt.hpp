// Answers of a person.
#pragma once

#include <optional>
#include <string>

namespace flux::cli {

// One line from stdin, without its line break; nullopt where stdin ends before one.
std::optional<std::string> read_line();

// Whether an answer to a question that ends in "[y/N]" is a yes.
bool is_yes(const std::optional<std::string>& answer);

}  // namespace flux::cli
