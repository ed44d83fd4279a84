// flux history
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "commands.hpp"
#include "json.hpp"
#include "table.hpp"
#include "text.hpp"

namespace flux::cli {
namespace {

// "sha256:0123456789ab…": enough to tell two apart.
std::string short_hash(const std::string& hash) {
  constexpr std::size_t digits = 12;
  const std::size_t colon = hash.find(':');
  const std::size_t start = colon == std::string::npos ? 0 : colon + 1;
  return hash.size() > start + digits ? hash.substr(0, start + digits) + "…" : hash;
}

using Rows = std::vector<const HistoryEntry*>;

// Migrations and repeatables, the newest last.
Rows by_time(const History& history) {
  Rows rows;
  for (const HistoryEntry& row : history.migrations()) rows.push_back(&row);
  for (const HistoryEntry& row : history.repeatables()) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const HistoryEntry* a, const HistoryEntry* b) { return a->applied_at < b->applied_at; });
  return rows;
}

void write_table(const Rows& rows, const Stream& out, const Write& write) {
  if (rows.empty()) return write("\n  nothing was applied\n");
  Table table;
  table.column("APPLIED").column("ID", true).column("STATE").column("BY", true).column("TOOK").column("FLUX");
  table.column("HASH");
  table.rows(rows.size(), [&rows](std::size_t i) -> Table::Row {
    const HistoryEntry& row = *rows[i];
    return {{local_time(row.applied_at)},
            {std::string(row.id)},
            {name(row.state)},
            {std::string(row.applied_by().value_or(""))},
            {row.duration() ? duration_text(*row.duration()) : ""},
            {std::string(row.flux_version().value_or(""))},
            {short_hash(row.hash())}};
  });
  write("\n");
  table.write(out, write);
}

// What was done to rows by hand.
void write_notes(const Rows& rows, const Write& write) {
  bool any = false;
  for (const HistoryEntry* row : rows) {
    if (!row->note()) continue;
    std::istringstream lines{std::string(*row->note())};
    for (std::string line; std::getline(lines, line); any = true)
      write(fmt::format("{}  {}  {}\n", any ? "" : "\n", visible(row->id), visible(line)));
  }
}

Json to_json(const HistoryEntry& row) {
  Json json{{"id", row.id}, {"state", name(row.state)}, {"has_undo", row.has_undo}};
  add_history(json, &row);
  return json;
}

}  // namespace

Result run(const HistoryOptions& options, Session& session) {
  Migrator migrator = session.open(options.uri);
  const auto history = std::make_shared<const History>(migrator.history());
  const auto rows = std::make_shared<const Rows>(by_time(*history));
  const std::string target = migrator.target();

  Result result;
  result.text = visible(target) + '\n';
  result.long_text = [history, rows, out = session.out()](const Write& write) {
    write_table(*rows, out, write);
    write_notes(*rows, write);
  };
  result.data = Json{{"target", target}, {"rows", nullptr}};
  result.long_lists["rows"] = [history, rows](const std::function<void(const Json&)>& take) {
    for (const HistoryEntry* row : *rows) take(to_json(*row));
  };
  return result;
}

}  // namespace flux::cli
