// Small migration sets and histories to plan with.
#pragma once

#include <string>
#include <vector>

#include <flux/core/history.hpp>
#include <flux/core/migration_set.hpp>
#include <flux/core/plan.hpp>

namespace flux::testing {

// A script of "migrations/NAME" with this text.
ScriptPtr script(const std::string& name, const std::string& text);
// Migrations with an up script and, unless the id ends in "!" (which is taken off), an undo script.
MigrationSet set_of(const std::vector<std::string>& ids);
// The history after `ids` of `set` were applied, in order, undo scripts kept.
History history_of(const MigrationSet& set, const std::vector<std::string>& ids);
void add_repeatable(MigrationSet& set, Phase phase, const std::string& name, const std::string& text);

// The steps in short: "apply a, apply b".
std::string steps(const Plan& plan);
// What make_plan throws, in short: "code: message; message", or "no error".
std::string refusal(const MigrationSet& set, const History& history, const Request& request);

}  // namespace flux::testing
