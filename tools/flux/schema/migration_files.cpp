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

}  // namespace flux::cli
