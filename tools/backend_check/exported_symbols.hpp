// The symbols that a shared object offers to others, read without loading it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace flux::check {

// Empty where the file has no table of them.
std::vector<std::string> exported_symbols(const std::filesystem::path& file);

}  // namespace flux::check
