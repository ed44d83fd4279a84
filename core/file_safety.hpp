// Whether code may be loaded from a file: nobody but root and the user can have put it there.
#pragma once

#include <filesystem>
#include <string>

namespace flux {

// Empty, or why `path` is refused, as the end of a sentence about it. Looks at the path, what it links to, and all folders above.
std::string unsafe_reason(const std::filesystem::path& path);

// Running with more rights than the user who started it (setuid and the like).
bool has_elevated_privileges() noexcept;

}  // namespace flux
