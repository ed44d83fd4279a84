#include <algorithm>

#include "names.hpp"
#include "object_text.hpp"
#include "table_change.hpp"

namespace flux::sqlite {
namespace {

// The columns of a table for full text; none where it keeps no text of its own, or the module is another one.
std::vector<std::string> text_columns(const Fact& table) {
  const Header header = read_header(table.definition);
  TokenReader reader = header.rest();
  reader.expect("USING");
  const std::string module = folded(reader.take().text);
  std::vector<std::string> out;
  if ((module != "fts5" && module != "fts4" && module != "fts3") || !reader.peek().is('(')) return out;
  for (TokenReader list = reader.take_brackets(); !list.done();) {
    TokenReader item = list.take_item();
    const std::string name = without_quotes(item.take_name_token());
    if (!item.peek().is('='))
      out.push_back(name);
    else if (same_name(name, "content"))
      return {};
  }
  return out;
}

Steps copy_virtual_table(const Fact& from, const Fact& to) {
  const std::vector<std::string> before = text_columns(from), after = text_columns(to);
  std::string shared, lost;
  for (const std::string& name : before) {
    const bool stays =
        std::any_of(after.begin(), after.end(), [&](const std::string& n) { return same_name(n, name); });
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
    return Steps({step});
  }
  if (change.to == nullptr) return Steps({drop_table(*change.from)});
  if (change.rename) return rename_table(change);
  return copy_virtual_table(*change.from, *change.to);
}

}  // namespace flux::sqlite
