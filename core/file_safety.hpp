// Whether code may be loaded from a file: nobody but root and the user can have put it there.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace flux {

// Empty, or why the absolute `path` is refused, as the end of a sentence about it: something on the way to it is owned by
// neither root nor the user (nor `also_trusted`), or writable by everyone. Looks at every folder and every symbolic link that
// is passed, wherever the links lead.
std::string unsafe_reason(const std::filesystem::path& path, std::optional<uid_t> also_trusted = std::nullopt);

// Running with more rights than the user who started it (setuid and the like).
bool has_elevated_privileges() noexcept;

}  // namespace flux
