// flux plan
#include <fmt/core.h>

#include "commands.hpp"
#include "json.hpp"
#include "plan_file.hpp"
#include "plan_text.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

std::string summary(const Plan& plan, const std::string& target) {
  const std::size_t count = plan.migration_count();
  if (count == 0) return nothing_text(plan, target);
  if (plan.is_rollback())
    return fmt::format("would roll back {} of {} in {}\n", count, count_of(plan.applied, "applied migration"),
                       visible(target));
  return fmt::format("would apply {} of {} to {}\n", count, count_of(plan.pending, "pending migration"),
                     visible(target));
}

}  // namespace

Result run(const PlanCommandOptions& options, Session& session) {
  Migrator migrator = session.open(options.uri);
  const Plan plan = migrator.plan(options.request);
  const std::string target = migrator.target();

  Result result;
  result.warnings = plan.warnings;
  result.text = summary(plan, target);
  if (!plan.steps.empty()) {
    result.text += '\n' + steps_text(plan, session.out());
    if (!options.no_sql) result.text += scripts_text(plan, session.out());
  }
  if (options.out) {
    write_plan_file(*options.out, plan_file_text(plan, made_for(migrator)));
    result.text += fmt::format("\nwritten to {}; run it with `flux {} --plan {}`\n", *options.out, plan.is_rollback() ? "rollback" : "apply",
                               *options.out);
  }
  Json steps = Json::array();
  for (const Step& step : plan.steps) steps.push_back(to_json(step, !options.no_sql));
  result.data = Json{{"target", target},
                     {"action", plan.is_rollback() ? "rollback" : "apply"},
                     {"pending", plan.pending},
                     {"applied", plan.applied},
                     {"migrations", plan.migration_count()},
                     {"file", options.out ? Json(*options.out) : Json()},
                     {"steps", std::move(steps)}};
  return result;
}

}  // namespace flux::cli
