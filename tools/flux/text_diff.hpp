// The difference of two texts, for people.
#pragma once

#include <string>
#include <string_view>

#include "terminal.hpp"

namespace flux::cli {

// Line by line, in the unified format without a header; lines in colour where the stream has any.
std::string text_diff(std::string_view before, std::string_view after, const Stream& stream);

}  // namespace flux::cli
