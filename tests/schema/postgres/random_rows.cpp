#include "random_rows.hpp"

#include <algorithm>

namespace flux::testing {
namespace {

std::string literal(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + '\'';
}

bool holds_rows(const Fact& fact) { return fact.name.kind == "table" && fact.property("partition_by").empty(); }

// What it inherits from, however far above.
void add_above(const Schema& schema, const Fact& table, std::vector<std::string>& into) {
  for (const char* property : {"partition_of", "inherits"})
    for (const Fact& other : schema.facts())
      if (other.name.kind == "table" && table.property(property).find(other.name.identity) != std::string_view::npos) {
        into.push_back(other.name.identity);
        add_above(schema, other, into);
      }
}

bool says(const std::vector<PlannedStep>& steps, unsigned hazards, const std::string& what) {
  return std::any_of(steps.begin(), steps.end(), [&](const PlannedStep& step) {
    return (step.step.hazards & hazards) != 0 &&
           (step.step.sql.find(what) != std::string::npos || step.step.remark.find(what) != std::string::npos);
  });
}

}  // namespace

TableLook::TableLook(const Schema& from, const Schema& to) {
  const auto add = [&](const std::string& name, const std::string& select, About about) {
    query_ += (query_.empty() ? "" : " UNION ALL ") + ("SELECT " + literal(name) + ", " + select);
    about_.emplace(name, std::move(about));
  };
  for (const Fact& table : from.facts()) {
    const std::string& name = table.name.identity;
    const Fact* same = to.find(table.name);
    if (!holds_rows(table) || same == nullptr || !holds_rows(*same)) continue;
    About about{name, "", {}};
    add_above(from, table, about.above);
    add_above(to, *same, about.above);
    add("rows of " + name, "count(*)::text FROM ONLY " + name, about);
    add("file of " + name, "relfilenode::text FROM pg_class WHERE oid = " + literal(name) + "::regclass", about);
    for (const Fact* column : from.children(table.name)) {
      const Fact* other = to.find(column->name);
      if (column->name.kind != "column" || other == nullptr || column->property("type") != other->property("type") ||
          !column->property("generated").empty() || !other->property("generated").empty())
        continue;
      about.column = column->name.identity;
      const std::string value = "x." + column->name.identity.substr(name.size() + 1) + "::text";
      add("values of " + about.column,
          "md5(string_agg(" + value + ", ',' ORDER BY " + value + " COLLATE \"C\")) FROM ONLY " + name + " x", about);
    }
  }
}

std::map<std::string, std::string> TableLook::look(Session& session) const {
  std::map<std::string, std::string> out;
  if (query_.empty()) return out;
  for (const auto& row : session.ask(query_)) out[row[0]] = row[1];
  return out;
}

std::string TableLook::unannounced(const std::map<std::string, std::string>& before,
                                   const std::map<std::string, std::string>& after,
                                   const std::vector<PlannedStep>& steps) const {
  for (const auto& [name, was] : before) {
    if (after.at(name) == was) continue;
    const About& about = about_.at(name);
    const bool is_file = name[0] == 'f';
    const unsigned hazards = is_file ? FLUX_HAZARD_DATA_LOSS | FLUX_HAZARD_REWRITE : unsigned{FLUX_HAZARD_DATA_LOSS};
    bool said = says(steps, hazards, is_file ? about.table : "every row of " + about.table + " is lost");
    if (is_file)
      for (const std::string& above : about.above) said = said || says(steps, hazards, above);
    if (!about.column.empty()) {
      said = said || says(steps, hazards, about.column);
      // A column is dropped from all that inherit it, and an attribute from all columns of that type.
      const std::string own = about.column.substr(about.table.size());
      for (const std::string& above : about.above) said = said || says(steps, hazards, above + own);
      said = said ||
             std::any_of(steps.begin(), steps.end(), [](const PlannedStep& s) { return s.about.kind == "attribute"; });
    }
    if (!said) return "the " + name + " are not as they were, and nothing said so";
  }
  return {};
}

std::string TableLook::truncate(const Schema& schema) {
  std::string out;
  for (const Fact& fact : schema.facts())
    if (fact.name.kind == "table") out += (out.empty() ? "TRUNCATE " : ", ") + fact.name.identity;
  return out.empty() ? out : out + " CASCADE";
}

}  // namespace flux::testing
