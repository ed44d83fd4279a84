// Text as a terminal shows it.
#pragma once

#include <chrono>
#include <cstddef>
#include <flux/core/history.hpp>
#include <string>
#include <string_view>

namespace flux::cli {

// The columns that `text` takes; control characters and broken bytes count as one.
std::size_t display_width(std::string_view text) noexcept;

// `text` in one line that does nothing to a terminal: control characters, marks that reorder text and bytes that are
// not UTF-8 are written as \n, \t, \xNN or \uNNNN.
std::string visible(std::string_view text);
// The same, but line breaks and tabs stay as they are.
std::string visible_lines(std::string_view text);

// `text` in at most `width` columns; where it is longer, its middle gives way to an ellipsis.
std::string fit_middle(std::string_view text, std::size_t width);
// The same, but its end gives way.
std::string fit_end(std::string_view text, std::size_t width);

// "12 ms", "1.2 s", "2 min 5 s"
std::string duration_text(std::chrono::milliseconds duration);
// "2026-01-31 13:00:00" in the local time zone
std::string local_time(Timestamp time);
// "1 migration", "2 migrations"
std::string count_of(std::size_t count, std::string_view noun);

}  // namespace flux::cli
