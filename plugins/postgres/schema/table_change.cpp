#include "table_change.hpp"

#include "column_change.hpp"
#include "constraint_change.hpp"
#include "options.hpp"
#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

bool is_inherited(const Fact& part) { return !part.property("inherited").empty(); }

std::string_view default_of(const std::vector<const Fact*>& parts, const Fact& column) {
  for (const Fact* part : parts)
    if (part->name.kind == "default" && part->name.identity == column.name.identity && !is_inherited(*part))
      return part->definition;
  return {};
}

std::string constraint_line(const Fact& constraint) {
  return "CONSTRAINT " + quoted(constraint.object) + ' ' + constraint_definition(constraint);
}

// Of two keys that are the same but for their names, CREATE TABLE makes one.
bool repeats_key(const std::vector<const Fact*>& parts, const Fact& key) {
  const auto is_key = [](const Fact& fact) {
    return fact.property("type") == "unique" || fact.property("type") == "primary key";
  };
  const auto columns = [](const Fact& fact) { return std::string_view(fact.definition).substr(fact.definition.find('(')); };
  for (const Fact* part : parts) {
    if (part == &key || !is_key(key)) return false;
    if (part->name.kind == "constraint" && is_key(*part) && columns(*part) == columns(key)) return true;
  }
  return false;
}

// The lines between the parentheses.
std::vector<std::string> lines_of(const std::vector<const Fact*>& parts) {
  std::vector<std::string> out;
  for (const Fact* part : parts)
    if (part->name.kind == "column" && !is_inherited(*part))
      out.push_back(quoted(part->object) + ' ' + column_definition(*part, default_of(parts, *part)));
  for (const Fact* part : parts)
    if (part->name.kind == "constraint" && !is_inherited(*part) && !repeats_key(parts, *part))
      out.push_back(constraint_line(*part));
  return out;
}

std::string in_parentheses(const std::vector<std::string>& lines) {
  std::string out = "(";
  for (std::size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? "\n  " : ",\n  ") + lines[i];
  return out + (lines.empty() ? ")" : "\n)");
}

std::string create_table(const Fact& table, const std::vector<const Fact*>& parts) {
  const auto property = [&](const char* name) { return std::string(table.property(name)); };
  std::string sql = property("unlogged").empty() ? "CREATE TABLE " : "CREATE UNLOGGED TABLE ";
  sql += table.name.identity;
  const std::string list = table_elements(parts);
  const bool empty = list == "()";
  if (const std::string parent = property("partition_of"); !parent.empty())
    sql += " PARTITION OF " + parent + (empty ? "" : ' ' + list) + ' ' + property("bound");
  else if (const std::string type = property("of"); !type.empty())
    sql += " OF " + type + (empty ? "" : ' ' + list);
  else
    sql += ' ' + list;
  if (const std::string parents = property("inherits"); !parents.empty()) sql += " INHERITS (" + parents + ')';
  if (const std::string key = property("partition_by"); !key.empty()) sql += " PARTITION BY " + key;
  if (const std::string method = property("method"); !method.empty()) sql += " USING " + quoted(method);
  if (const std::string options = property("options"); !options.empty()) sql += " WITH (" + options + ')';
  return sql;
}

bool has(std::string_view list, std::string_view word) { return list.find(word) != std::string_view::npos; }

void alter_row_security(std::string_view from, const Fact& to, Steps& steps) {
  const std::string_view wanted = to.property("row_security");
  const std::string alter = "ALTER TABLE " + to.name.identity + ' ';
  for (const auto& [word, on, off] :
       {std::make_tuple("enabled", "ENABLE", "DISABLE"), std::make_tuple("forced", "FORCE", "NO FORCE")})
    if (has(from, word) != has(wanted, word))
      steps.push_back(step(alter + (has(wanted, word) ? on : off) + " ROW LEVEL SECURITY", FLUX_HAZARD_BREAKS_CLIENTS,
                           "who sees which rows of " + to.name.identity + " changes"));
}

std::optional<Steps> make(const SchemaChange& change) {
  const Fact& table = *change.to;
  Steps out{step(create_table(table, change.to_parts))};
  alter_row_security("", table, out);
  append_part_settings(change.to_parts, out);
  return out;
}

Steps drop(const Fact& table) {
  const bool holds_rows = table.property("partition_by").empty();
  return {step("DROP TABLE " + table.name.identity,
               FLUX_HAZARD_BREAKS_CLIENTS | (holds_rows ? unsigned{FLUX_HAZARD_DATA_LOSS} : 0U),
               holds_rows ? "every row of " + table.name.identity + " is lost"
                          : "the partitioned table " + table.name.identity + " is gone")};
}

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> out;
  std::string name;
  bool quotes = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '"') quotes = !quotes;
    if (list[i] == ',' && !quotes) {
      out.push_back(std::move(name));
      name.clear();
      ++i;  // the blank
    } else {
      name += list[i];
    }
  }
  if (!name.empty()) out.push_back(name);
  return out;
}

bool among(const std::vector<std::string>& list, const std::string& name) {
  for (const std::string& one : list)
    if (one == name) return true;
  return false;
}

void alter_inheritance(const Fact& from, const Fact& to, Steps& steps) {
  const auto before = names_in(from.property("inherits")), after = names_in(to.property("inherits"));
  const std::string alter = "ALTER TABLE " + to.name.identity;
  for (const std::string& parent : before)
    if (!among(after, parent))
      steps.push_back(step(alter + " NO INHERIT " + parent, FLUX_HAZARD_BREAKS_CLIENTS,
                           parent + " does not show the rows of " + to.name.identity + " any more"));
  for (const std::string& parent : after)
    if (!among(before, parent))
      steps.push_back(step(alter + " INHERIT " + parent, FLUX_HAZARD_MAY_FAIL,
                           "fails where " + to.name.identity + " lacks columns or checks of " + parent));
}

void alter_partition(const Fact& from, const Fact& to, Steps& steps) {
  const std::string before(from.property("partition_of")), after(to.property("partition_of"));
  if (before == after && from.property("bound") == to.property("bound")) return;
  // CONCURRENTLY would leave a check of the old bound behind.
  if (!before.empty())
    steps.push_back(step("ALTER TABLE " + before + " DETACH PARTITION " + to.name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                         before + " does not hold the rows of " + to.name.identity + " any more"));
  if (!after.empty())
    steps.push_back(
        step("ALTER TABLE " + after + " ATTACH PARTITION " + to.name.identity + ' ' + std::string(to.property("bound")),
             FLUX_HAZARD_SCAN | FLUX_HAZARD_LOCK | FLUX_HAZARD_MAY_FAIL,
             "every row of " + to.name.identity +
                 " is read, under an ACCESS EXCLUSIVE lock on it; fails where "
                 "one does not belong to " +
                 after));
}

std::optional<Steps> alter(const SchemaChange& change) {
  const Fact &from = *change.from, &to = *change.to;
  const auto differs = [&](const char* name) { return from.property(name) != to.property(name); };
  if (differs("partition_by")) return std::nullopt;
  const std::string table = "ALTER TABLE " + to.name.identity;
  const std::string rewritten =
      "every row of " + to.name.identity + " is written again, under an ACCESS EXCLUSIVE lock";
  Steps out;
  if (differs("unlogged"))
    out.push_back(step(table + (to.property("unlogged").empty() ? " SET LOGGED" : " SET UNLOGGED"),
                       FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK, rewritten));
  if (differs("method")) {
    const std::string method = to.property("method").empty() ? "heap" : quoted(to.property("method"));
    out.push_back(step(table + " SET ACCESS METHOD " + method, FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK, rewritten));
  }
  alter_inheritance(from, to, out);
  alter_partition(from, to, out);
  if (differs("of")) {
    const std::string type(to.property("of"));
    out.push_back(step(table + (type.empty() ? " NOT OF" : " OF " + type)));
  }
  const OptionChange options = option_change(from.property("options"), to.property("options"));
  if (!options.set.empty()) out.push_back(step(table + " SET (" + options.set + ')'));
  if (!options.reset.empty()) out.push_back(step(table + " RESET (" + options.reset + ')'));
  alter_row_security(from.property("row_security"), to, out);
  return out;
}

}  // namespace

std::string table_elements(const std::vector<const Fact*>& parts) { return in_parentheses(lines_of(parts)); }

void append_part_settings(const std::vector<const Fact*>& parts, Steps& steps) {
  for (const Fact* part : parts)
    if (part->name.kind == "column") append_column_settings(*part, default_of(parts, *part), steps);
  for (const Fact* part : parts)
    if (part->name.kind == "constraint" && !is_inherited(*part)) {
      if (repeats_key(parts, *part))
        steps.push_back(step("ALTER TABLE " + std::string(part->property("table")) + " ADD " + constraint_line(*part)));
      for (SchemaStep& setting : constraint_settings(*part)) steps.push_back(std::move(setting));
    }
}

std::optional<Steps> table_change(const SchemaChange& change) {
  if (change.with_parts) return std::nullopt;  // each of its parts can be changed alone
  if (change.rename) return renamed("TABLE", *change.from, *change.to);
  if (change.from == nullptr) return make(change);
  if (change.to == nullptr) return drop(*change.from);
  return alter(change);
}

}  // namespace flux::postgres::schema
