#include "schema/migration_files.hpp"

#include <fmt/core.h>

#include "schema/schema_text.hpp"
#include "text.hpp"

namespace flux::cli {

std::string migration_text(const std::string& title, const std::vector<PlannedStep>& steps, bool in_transaction) {
  std::string out = in_transaction ? "" : "-- flux: no-transaction\n";
  out += fmt::format("-- {}\n\n", visible(title));
  return out + steps_text(steps);
}

std::string undo_text(const std::string& title, const GeneratedMigration& migration) {
  std::string out = migration_text("undoes: " + title, {}, migration.undo_in_transaction);
  out.pop_back();  // the empty line
  for (const PlannedStep& step : migration.up)
    if ((step.step.hazards & FLUX_HAZARD_DATA_LOSS) != 0)
      out += fmt::format("-- not brought back: {}\n", visible(step.step.remark.empty() ? words(step.about) : step.step.remark));
  return out + '\n' + steps_text(migration.undo);
}

}  // namespace flux::cli
