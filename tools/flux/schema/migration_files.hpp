// Generated scripts as migration files.
#pragma once

#include <flux/core/schema/generate.hpp>
#include <string>
#include <vector>

namespace flux::cli {

// The text of a migration file that runs `steps`. `title`: the comment at its top.
std::string migration_text(const std::string& title, const std::vector<PlannedStep>& steps, bool in_transaction);
// That of its undo script, which says first what is not brought back.
std::string undo_text(const std::string& title, const GeneratedMigration& migration);

}  // namespace flux::cli
