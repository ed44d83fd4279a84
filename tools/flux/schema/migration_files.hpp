// Generated scripts as migration files.
#pragma once

#include <flux/core/schema/change_plan.hpp>
#include <string>
#include <vector>

namespace flux::cli {

// The text of a migration file that runs `steps`. `title`: the comment at its top.
std::string migration_text(const std::string& title, const std::vector<PlannedStep>& steps, bool in_transaction);

}  // namespace flux::cli
