// The language of the toy: statements ended by ";", words, quotes ('it''s'), comments from # to the end of the line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace toy {

struct Line {
  std::size_t offset;     // of the statement in the script
  std::string_view text;  // without blanks around it and what ends it
  std::string verb, key, value;
};

// The statements of a script; throws FLUX_E_SCRIPT for a quote that is not closed.
std::vector<Line> lines(std::string_view script);

}  // namespace toy
