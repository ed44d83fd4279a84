// flux drift
#include <fmt/core.h>
#include <fmt/format.h>

#include "commands.hpp"
#include "schema/schema_text.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

constexpr SideNames sides{"more", "less", "other", Actual::to};  // what the database has of it

std::string report(const SchemaChanges& there, const std::vector<PlannedStep>& back, const std::string& target) {
  std::string out = fmt::format("{} is not what its history says:\n\n", visible(target));
  out += differences_text(there.differences, sides);
  out += "\n-- to make the database what its history says:\n\n" + steps_text(back);
  out += "\n-- to make a migration of what the database has:\n\n" + steps_text(there.steps);
  return out;
}

}  // namespace

Result run(const DriftOptions& options, Session& session) {
  SchemaProject project = session.open_schema(options.uri);
  Migrator migrator = session.open(options.uri);
  const std::string target = migrator.target();
  Schema expected = project.of_history(migrator);
  Schema actual = project.of_database(resolve_database_uri(project.config()));
  Result result;
  result.warnings = unmodelled_warnings(project.visible(actual));
  const SchemaChanges there = project.compare(std::move(expected), std::move(actual));
  std::vector<PlannedStep> back;
  if (!there.empty()) back = project.compare_exactly(there.to, there.from).steps;
  result.exit_code = there.empty() ? 0 : 8;
  result.text = there.empty() ? fmt::format("{} is what its history says\n", visible(target)) : report(there, back, target);
  const std::vector<std::string>& ignored = project.config().schema.ignore;
  if (!ignored.empty()) result.text += fmt::format("\nnot looked at: {}\n", visible(fmt::format("{}", fmt::join(ignored, ", "))));
  result.data = Json{{"target", target},
                     {"differences", differences_json(there.differences, sides)},
                     {"to_expected", steps_json(back)},
                     {"to_actual", steps_json(there.steps)},
                     {"ignored", project.config().schema.ignore}};
  return result;
}

}  // namespace flux::cli
