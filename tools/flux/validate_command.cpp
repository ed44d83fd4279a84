// flux validate
#include <fmt/core.h>

#include "commands.hpp"
#include "json.hpp"
#include "text.hpp"

namespace flux::cli {

Result run(const ValidateOptions& options, Session& session) {
  Migrator migrator = session.open(options.uri);
  const Validation found = migrator.validate();
  const Status& status = found.status;

  Result result;
  result.failures = failures_of(status);
  result.failures.insert(result.failures.end(), found.failures.begin(), found.failures.end());
  result.exit_code = failures_exit_code(result.failures);
  result.warnings = status.warnings;
  result.warnings.insert(result.warnings.end(), found.warnings.begin(), found.warnings.end());
  if (result.failures.empty())
    result.text = fmt::format("valid: {}, {} applied, {} pending\n", count_of(status.migrations.size(), "migration"),
                              status.applied, status.pending);
  result.data = Json{{"target", status.target},
                     {"applied", status.applied},
                     {"pending", status.pending},
                     {"findings", to_json(status.findings)}};
  return result;
}

}  // namespace flux::cli
