// Differences and statements as text and as JSON.
#pragma once

#include <flux/core/schema/change_plan.hpp>
#include <flux/core/schema/diff.hpp>
#include <flux/core/schema/schema_project.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "result.hpp"

namespace flux::cli {

// "data loss", "rewrite", ...: the hazards of a step in words.
std::vector<std::string> hazard_names(unsigned hazards);

// The statements with their hazards as comments above them.
std::string steps_text(const std::vector<PlannedStep>& steps);
Json steps_json(const std::vector<PlannedStep>& steps);

// Which side shows what is there, where the other one shows what should be.
enum class Actual { neither, from, to };

// How the sides are called: "the database has", "expected".
struct SideNames {
  std::string_view added = "added", removed = "removed", changed = "changed";
  Actual actual = Actual::neither;
};

// A line for each difference: "added  table orders", "other  column orders.id: type is text, should be integer"; of texts
// with several lines those that differ, "-" what should be there, "+" what is.
std::string differences_text(const std::vector<Difference>& differences, const SideNames& names = {});
Json differences_json(const std::vector<Difference>& differences, const SideNames& names = {});

// A warning about what was found and is not compared; empty: nothing.
std::vector<std::string> unmodelled_warnings(const Schema& schema);

// A warning about each annotation that names nothing.
void add_idle_annotations(const std::vector<Definition>& definitions, const SchemaChanges& changes, Result& result);

// Throws Error{usage} naming each statement that loses data, unless that is allowed.
void require_no_data_loss(const std::vector<PlannedStep>& steps, bool allowed);

}  // namespace flux::cli
