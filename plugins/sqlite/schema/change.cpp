#include "change.hpp"

#include <string>

#include "object_text.hpp"
#include "table_change.hpp"

namespace flux::sqlite {
namespace {

std::string keyword(const std::string& of_kind) {
  return of_kind == kind::index ? "INDEX " : (of_kind == kind::view ? "VIEW " : "TRIGGER ");
}

SchemaStep drop(const Fact& fact, const std::vector<const Fact*>& parts) {
  SchemaStep step;
  step.sql = "DROP " + keyword(fact.name.kind) + fact.name.identity;
  if (fact.name.kind == kind::view) {
    step.hazards = FLUX_HAZARD_BREAKS_CLIENTS;
    step.remark = "what reads " + fact.name.identity + " fails from here on";
  }
  for (const Fact* part : parts) {
    if (!part->unmodelled) continue;
    step.hazards |= FLUX_HAZARD_DATA_LOSS;
    step.remark += "; " + lost_with(*part, fact.name.identity);
  }
  return step;
}

SchemaStep make(const Fact& fact) {
  SchemaStep step;
  step.sql = fact.definition;
  if (fact.name.kind != kind::index || !fact.parent) return step;
  const std::string& table = fact.parent->identity;
  step.hazards = FLUX_HAZARD_SCAN | FLUX_HAZARD_LOCK;
  step.remark = "every row of " + table + " is read, and nobody else writes meanwhile";
  if (fact.definition.rfind("CREATE UNIQUE", 0) == 0) {
    step.hazards |= FLUX_HAZARD_MAY_FAIL;
    step.remark += "; fails if two rows of " + table + " are equal in it";
  }
  return step;
}

// An index, a view or a trigger.
Steps change_object(const SchemaChange& change) {
  if (change.from == nullptr) return Steps({make(*change.to)});
  if (change.to == nullptr) return Steps({drop(*change.from, change.from_parts)});
  if (!change.rename) return std::nullopt;
  std::vector<SchemaStep> steps{drop(*change.from, change.from_parts), make(*change.to)};
  steps.front().rebuilds_dependents = true;
  return steps;
}

}  // namespace

std::optional<std::vector<SchemaStep>> change_schema(const SchemaChange& change) {
  const std::string& of_kind = (change.to != nullptr ? change.to : change.from)->name.kind;
  if (of_kind == kind::table) return change_table(change);
  if (of_kind == kind::column) return change_column(change);
  if (of_kind == kind::virtual_table) return change_virtual_table(change);
  if (of_kind == kind::index || of_kind == kind::view || of_kind == kind::trigger) return change_object(change);
  return std::nullopt;
}

}  // namespace flux::sqlite
