// The text of a script file: normalised once, then hashed, split and run as it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <flux/core/error.hpp>

namespace flux {

// Without a byte order mark, and every line ended by LF.
std::string normalise(std::string text);
// The same where it stands; its new size.
std::size_t normalise(char* text, std::size_t size) noexcept;

// The offset of the first byte that is not UTF-8, or of the first NUL; nullopt where the text is good.
std::optional<std::size_t> first_bad_byte(std::string_view text);

// Line, column (in characters, from 1) and line text of the byte at `offset`; an offset past the end is the end. Passwords in
// the line are masked.
SourcePosition position_at(std::string_view file, std::string_view text, std::size_t offset);

// Nothing but white space.
bool is_blank(std::string_view text);

}  // namespace flux
