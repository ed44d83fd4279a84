#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "names.hpp"
#include "object_text.hpp"
#include "table_change.hpp"

namespace flux::sqlite {
namespace {

// A table for full text; without columns where the module is another one.
struct TextTable {
  std::vector<std::string> columns;
  std::optional<std::string> content;  // the table that keeps the text; "": none does; nullopt: it does so itself
};

TextTable text_table(const Fact& table) {
  const Header header = read_header(table.definition);
  TokenReader reader = header.rest();
  reader.expect("USING");
  const std::string module = folded(reader.take().text);
  TextTable out;
  if ((module != "fts5" && module != "fts4" && module != "fts3") || !reader.peek().is('(')) return out;
  for (TokenReader list = reader.take_brackets(); !list.done();) {
    TokenReader item = list.take_item();
    const std::string name = without_quotes(item.take_name_token());
    if (!item.accept('='))
      out.columns.push_back(name);
    else if (same_name(name, "content"))
      out.content = item.done() ? "" : without_quotes(item.take().text);
  }
  return out;
}

bool is_index_of_another(const TextTable& table) { return table.content && !table.content->empty(); }

// Fills the index from the table that keeps the text.
std::string fill(const std::string& name) { return "INSERT INTO " + name + " (" + name + ") VALUES ('rebuild')"; }

// Only the index is lost with it, and that can be made again.
SchemaStep drop_index_of_another(const Fact& table) {
  SchemaStep step;
  step.sql = "DROP TABLE " + table.name.identity;
  step.hazards = FLUX_HAZARD_BREAKS_CLIENTS;
  step.remark = "what searches in " + table.name.identity + " fails from here on";
  return step;
}

Steps fill_again(const Fact& from, const Fact& to) {
  std::vector<SchemaStep> steps(3);
  steps[0].sql = "DROP TABLE " + from.name.identity;
  steps[0].rebuilds_dependents = true;
  steps[1].sql = to.definition;
  steps[2].sql = fill(to.name.identity);
  steps[2].hazards = FLUX_HAZARD_SCAN | FLUX_HAZARD_LOCK;
  steps[2].remark = "every row of " + name_in_sql(*text_table(to).content) + " is read, and nobody else writes meanwhile";
  return steps;
}

Steps copy_virtual_table(const Fact& from, const Fact& to) {
  const TextTable before = text_table(from), after = text_table(to);
  if (is_index_of_another(before) && is_index_of_another(after)) return fill_again(from, to);
  if (before.content || after.content) return std::nullopt;
  std::string shared, lost;
  for (const std::string& name : before.columns) {
    const bool stays = std::any_of(after.columns.begin(), after.columns.end(),
                                   [&](const std::string& n) { return same_name(n, name); });
    (stays ? shared : lost) += ", " + name_in_sql(name);
  }
  if (shared.empty()) return std::nullopt;
  const std::string name = to.name.identity, fresh = name_in_sql("_flux_new_" + to.object);
  std::vector<SchemaStep> steps(4);
  steps[0].sql =
      "CREATE VIRTUAL TABLE " + fresh + to.definition.substr(std::string("CREATE VIRTUAL TABLE ").size() + name.size());
  steps[0].rebuilds_dependents = true;
  steps[1].sql = "INSERT INTO " + fresh + " (rowid" + shared + ")\nSELECT rowid" + shared + " FROM " + name;
  steps[1].hazards = FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK;
  steps[1].remark = "every row of " + name + " is copied, and nobody else writes meanwhile";
  steps[2].sql = "DROP TABLE " + name;
  if (!lost.empty()) {
    steps[2].hazards = FLUX_HAZARD_DATA_LOSS;
    steps[2].remark = "what is in " + lost.substr(2) + " of " + name + " is lost";
  }
  steps[3].sql = "ALTER TABLE " + fresh + " RENAME TO " + name;
  return steps;
}

}  // namespace

Steps change_virtual_table(const SchemaChange& change) {
  if (change.from == nullptr) {
    SchemaStep step;
    step.sql = change.to->definition;
    // The definition is all that may stand in a file of definitions.
    if (is_index_of_another(text_table(*change.to)))
      step.remark = "finds nothing of what is there already, until: " + fill(change.to->name.identity);
    return Steps({step});
  }
  if (change.to == nullptr)
    return Steps({is_index_of_another(text_table(*change.from)) ? drop_index_of_another(*change.from)
                                                                : drop_table(*change.from)});
  if (change.rename) return rename_table(change);
  return copy_virtual_table(*change.from, *change.to);
}

}  // namespace flux::sqlite
