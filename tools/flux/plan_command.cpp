// flux plan
#include <fmt/core.h>

#include <memory>

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
  const auto plan = std::make_shared<const Plan>(migrator.plan(options.request, options.out.has_value()));
  const std::string target = migrator.target();

  Result result;
  result.warnings = plan->warnings;
  result.text = summary(*plan, target);
  std::string written;
  if (options.out) {
    write_plan_file(*options.out, plan_file_text(*plan, made_for(migrator)));
    written = fmt::format("\nwritten to {}; run it with `flux {} --plan {}`\n", *options.out, plan->is_rollback() ? "rollback" : "apply", *options.out);
  }
  const bool with_sql = !options.no_sql;
  result.long_text = [plan, with_sql, written, out = session.out()](const Write& write) {
    if (!plan->steps.empty()) {
      write("\n");
      write_steps(*plan, out, write);
      if (with_sql) write_scripts(*plan, out, write);
    }
    write(written);
  };
  result.data = Json{{"target", target},
                     {"action", plan->is_rollback() ? "rollback" : "apply"},
                     {"pending", plan->pending},
                     {"applied", plan->applied},
                     {"migrations", plan->migration_count()},
                     {"file", options.out ? Json(*options.out) : Json()},
                     {"steps", nullptr}};
  result.long_lists["steps"] = [plan, with_sql](const std::function<void(const Json&)>& take) {
    for (const Step& step : plan->steps) take(to_json(step, with_sql));
  };
  return result;
}

}  // namespace flux::cli
