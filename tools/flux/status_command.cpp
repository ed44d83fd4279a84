// flux status
#include <fmt/core.h>

#include <algorithm>

#include "commands.hpp"
#include "json.hpp"
#include "table.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

constexpr int exit_pending = 8;

Table::Paint paint_of(const std::string& state, const Stream& out) {
  if (state == "applied") return [&out](const std::string& text) { return out.green(text); };
  if (state == "pending") return [&out](const std::string& text) { return out.yellow(text); };
  return [&out](const std::string& text) { return out.red(text); };
}

std::string table_text(const Status& status, const Stream& out) {
  Table table;
  table.column("ID", true).column("STATE").column("APPLIED").column("BY", true).column("TOOK").column("UNDO");
  for (const MigrationStatus& migration : status.migrations) {
    const HistoryRow* row = migration.row ? &*migration.row : nullptr;
    table.row({{migration.id},
               {migration.state + (migration.out_of_order ? ", out of order" : ""),
                migration.out_of_order ? paint_of("out of order", out) : paint_of(migration.state, out)},
               {row ? local_time(row->applied_at) : ""},
               {row ? row->applied_by.value_or("") : ""},
               {row && row->duration ? duration_text(*row->duration) : ""},
               {migration.has_undo ? "yes" : "no"}});
  }
  return table.empty() ? "" : '\n' + table.text(out) + '\n';
}

Json migrations_json(const Status& status) {
  Json list = Json::array();
  for (const MigrationStatus& migration : status.migrations) {
    Json json{{"id", migration.id},
              {"state", migration.state},
              {"has_undo", migration.has_undo},
              {"out_of_order", migration.out_of_order}};
    add_history(json, migration.row ? &*migration.row : nullptr);
    list.push_back(std::move(json));
  }
  return list;
}

// The exit code of --check: what stands against the next apply comes before what is pending.
int checked_exit_code(const Status& status, const std::vector<Failure>& failures) {
  if (!failures.empty()) return failures_exit_code(failures);
  return status.pending > 0 ? exit_pending : 0;
}

}  // namespace

Result run(const StatusOptions& options, Session& session) {
  Migrator migrator = session.open(options.uri);
  const Status status = migrator.status();

  Result result;
  result.failures = failures_of(status);
  if (options.check) result.exit_code = checked_exit_code(status, result.failures);
  result.warnings = status.warnings;
  result.text = visible(status.target) + '\n' + table_text(status, session.out());
  result.text += fmt::format("{} applied · {}{} pending\n", status.applied,
                             status.interrupted > 0 ? fmt::format("{} interrupted · ", status.interrupted) : "", status.pending);
  result.data = Json{{"target", status.target},
                     {"applied", status.applied},
                     {"interrupted", status.interrupted},
                     {"pending", status.pending},
                     {"migrations", migrations_json(status)},
                     {"findings", to_json(status.findings)}};
  return result;
}

}  // namespace flux::cli
