// flux status
#include <fmt/core.h>

#include <flux/core/schema/missing_database.hpp>
#include <memory>

#include "commands.hpp"
#include "config_template.hpp"
#include "json.hpp"
#include "table.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

constexpr int exit_pending = 8;

Table::Paint paint_of(MigrationState state, const Stream& out) {
  if (state == MigrationState::applied) return [&out](const std::string& text) { return out.green(text); };
  if (state == MigrationState::pending) return [&out](const std::string& text) { return out.yellow(text); };
  return [&out](const std::string& text) { return out.red(text); };
}

Table::Row row_of(const MigrationStatus& migration, const Stream& out) {
  const HistoryEntry* row = migration.row;
  const std::string state = name(migration.state);
  return {{std::string(migration.id)},
          migration.out_of_order ? Table::Cell{state + ", out of order", paint_of(MigrationState::changed, out)}
                                 : Table::Cell{state, paint_of(migration.state, out)},
          {row ? local_time(row->applied_at) : ""},
          {row ? std::string(row->applied_by().value_or("")) : ""},
          {row && row->duration() ? duration_text(*row->duration()) : ""},
          {migration.has_undo ? "yes" : "no"}};
}

void write_table(const Status& status, const Stream& out, const Write& write) {
  if (status.migrations.empty()) return;
  Table table;
  table.column("ID", true).column("STATE").column("APPLIED").column("BY", true).column("TOOK").column("UNDO");
  table.rows(status.migrations.size(), [&](std::size_t i) { return row_of(status.migrations[i], out); });
  write("\n");
  table.write(out, write);
  write("\n");
}

Json to_json(const MigrationStatus& migration) {
  Json json{{"id", migration.id},
            {"state", name(migration.state)},
            {"has_undo", migration.has_undo},
            {"out_of_order", migration.out_of_order}};
  add_history(json, migration.row);
  return json;
}

// Whether the database is a file that nobody has made yet. Only asked where there is no history, which can be for that reason.
bool is_missing(const Migrator& migrator, const std::optional<std::string>& uri, const Session& session) {
  if (!has_usable_example(migrator.backend())) return false;
  try {
    SchemaProject project = session.open_schema(uri);
    project.of_database(resolve_database_uri(project.config()));
    return false;
  } catch (const Error& error) {
    return is_missing_database(error);
  }
}

// The exit code of --check: what stands against the next apply comes before what is pending.
int checked_exit_code(const Status& status, const std::vector<Failure>& failures) {
  if (!failures.empty()) return failures_exit_code(failures);
  return status.pending > 0 ? exit_pending : 0;
}

}  // namespace

Result run(const StatusOptions& options, Session& session) {
  Migrator migrator = session.open(options.uri);
  const auto status = std::make_shared<const Status>(migrator.status());

  Result result;
  result.failures = failures_of(*status);
  if (options.check) result.exit_code = checked_exit_code(*status, result.failures);
  result.warnings = status->warnings;
  const bool has_history = status->applied + status->interrupted > 0;
  const bool missing = !has_history && is_missing(migrator, options.uri, session);
  result.text = visible(status->target) + (missing ? ": there is no database yet" : "") + '\n';
  result.long_text = [status, out = session.out()](const Write& write) {
    write_table(*status, out, write);
    write(fmt::format("{} applied · {}{} pending\n", status->applied,
                      status->interrupted > 0 ? fmt::format("{} interrupted · ", status->interrupted) : "",
                      status->pending));
  };
  result.data =
      Json{{"target", status->target},   {"database_missing", missing}, {"applied", status->applied}, {"interrupted", status->interrupted},
           {"pending", status->pending}, {"migrations", nullptr},      {"findings", to_json(status->findings)}};
  result.long_lists["migrations"] = [status](const std::function<void(const Json&)>& take) {
    for (const MigrationStatus& migration : status->migrations) take(to_json(migration));
  };
  return result;
}

}  // namespace flux::cli
