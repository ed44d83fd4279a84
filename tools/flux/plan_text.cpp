#include "plan_text.hpp"

#include <fmt/core.h>

#include "table.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

std::string source_of(const Step& step) {
  if (!step.script) return "(no undo script)";
  return step.undo_from_history ? "(kept in the history)" : step.script->file();
}

std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (!line.empty()) out += fmt::format("    {}", line);
    out += '\n';
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

}  // namespace

void write_steps(const Plan& plan, const Stream& stream, const Write& write) {
  Table table;
  table.column("#").column("STEP").column("ID", true).column("FILE", true);
  table.rows(plan.steps.size(), [&plan](std::size_t i) -> Table::Row {
    const Step& step = plan.steps[i];
    return {{std::to_string(i + 1)}, {name(step.kind)}, {std::string(step.id)}, {source_of(step)}};
  });
  table.write(stream, write);
}

std::string nothing_text(const Plan& plan, const std::string& target) {
  if (plan.is_rollback()) return fmt::format("nothing to roll back: no migration is applied in {}\n", visible(target));
  if (plan.pending > 0)
    return fmt::format("nothing to apply as far as asked; pending in {}: {}\n", visible(target), plan.pending);
  if (plan.applied == 0) return fmt::format("nothing to apply to {}\n", visible(target));
  return fmt::format("nothing to apply: {} has all {}\n", visible(target), count_of(plan.applied, "migration"));
}

void write_scripts(const Plan& plan, const Stream& stream, const Write& write) {
  std::size_t number = 0;
  for (const Step& step : plan.steps) {
    ++number;
    if (!step.script) continue;
    write(fmt::format("\n  {}\n\n", stream.bold(fmt::format("{} {} {}", number, name(step.kind), visible(step.id)))));
    write(indented(visible_lines(step.script->text())));
  }
}

}  // namespace flux::cli
