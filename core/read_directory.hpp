// Reads a migration directory.
#pragma once

#include <filesystem>
#include <string>

#include <flux/core/migration_set.hpp>

namespace flux {

// Reads and checks every script of `directory` (and of its pre-apply and post-apply folders). Scripts are `ID.EXTENSION`,
// `ID.undo.EXTENSION` and `ID.py`. Never throws for what is wrong in there: that is in the set's problems, all of it.
// Statements inside scripts are not looked at: see check_scripts.
// `project_folder` is where Python migrations find modules to import.
MigrationSet read_directory(const std::filesystem::path& directory, const std::string& extension,
                            const std::filesystem::path& project_folder);

}  // namespace flux
