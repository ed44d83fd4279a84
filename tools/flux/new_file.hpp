// Files that are written whole or not at all, and never over another one.
#pragma once

#include <filesystem>
#include <string_view>

namespace flux::cli {

// Writes `text` to `path`, where nothing may be. Throws Error{usage} where the file exists, Error{config} where it
// cannot be written; then nothing is left behind.
void write_new_file(const std::filesystem::path& path, std::string_view text);

}  // namespace flux::cli
