// flux history
#include <fmt/core.h>

#include <algorithm>
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

// Migrations and repeatables, the newest last.
std::vector<const HistoryRow*> by_time(const History& history) {
  std::vector<const HistoryRow*> rows;
  for (const HistoryRow& row : history.migrations()) rows.push_back(&row);
  for (const HistoryRow& row : history.repeatables()) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const HistoryRow* a, const HistoryRow* b) { return a->applied_at < b->applied_at; });
  return rows;
}

std::string table_text(const std::vector<const HistoryRow*>& rows, const Stream& out) {
  Table table;
  table.column("APPLIED").column("ID", true).column("STATE").column("BY", true).column("TOOK").column("FLUX");
  table.column("HASH");
  for (const HistoryRow* row : rows)
    table.row({{local_time(row->applied_at)},
               {row->id},
               {name(row->state)},
               {row->applied_by.value_or("")},
               {row->duration ? duration_text(*row->duration) : ""},
               {row->flux_version.value_or("")},
               {short_hash(row->hash)}});
  return table.empty() ? "\n  nothing was applied\n" : '\n' + table.text(out);
}

// What was done to rows by hand.
std::string notes_text(const std::vector<const HistoryRow*>& rows) {
  std::string text;
  for (const HistoryRow* row : rows)
    if (row->note) {
      std::istringstream lines(*row->note);
      for (std::string line; std::getline(lines, line);) text += fmt::format("  {}  {}\n", visible(row->id), visible(line));
    }
  return text.empty() ? text : '\n' + text;
}

}  // namespace

Result run(const HistoryOptions& options, Session& session) {
  Migrator migrator = session.open(options.uri);
  const History history = migrator.history();
  const std::vector<const HistoryRow*> rows = by_time(history);
  const std::string target = migrator.target();

  Result result;
  result.text = visible(target) + '\n' + table_text(rows, session.out()) + notes_text(rows);
  Json list = Json::array();
  for (const HistoryRow* row : rows) {
    Json json{{"id", row->id}, {"state", name(row->state)}, {"has_undo", row->undo.has_value()}};
    add_history(json, row);
    list.push_back(std::move(json));
  }
  result.data = Json{{"target", target}, {"rows", std::move(list)}};
  return result;
}

}  // namespace flux::cli
