// Reads a migration directory.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <flux/core/history.hpp>
#include <flux/core/migration_set.hpp>

namespace flux {

struct ReadOptions {
  // The scripts of applied migrations that have not changed since leave out their texts; null: none does.
  const History* history = nullptr;
  // Looks into each script as well, while its text is there. `applied`: its text may be left out. From several threads,
  // but never by two at once.
  std::function<void(Script& script, bool applied)> look = {};
};

// Reads and checks every script of `directory` (and of its pre-apply and post-apply folders). Scripts are `ID.EXTENSION`,
// `ID.undo.EXTENSION` and `ID.py`. Never throws for what is wrong in there: that is in the set's problems, all of it.
// Statements inside scripts are not looked at: see check_script.
// `project_folder` is where Python migrations find modules to import.
MigrationSet read_directory(const std::filesystem::path& directory, const std::string& extension,
                            const std::filesystem::path& project_folder, const ReadOptions& options = {});

}  // namespace flux
