#include "table_change.hpp"

#include <algorithm>

#include "constraint_text.hpp"
#include "definition_text.hpp"
#include "names.hpp"
#include "table_facts.hpp"
#include "table_rebuild.hpp"

namespace flux::sqlite {
namespace {

std::string in_column(const Fact& constraint) {
  if (constraint.name.kind == kind::check) return constraint.definition;
  return constraint_of(constraint.definition, !constraint.property("order").empty()).in_column();
}

// The column as it stands in SQL, with those of `parts` that belong to it.
std::string column_text(const Fact& column, const std::vector<const Fact*>& parts) {
  std::string out = column.definition;
  for (const Fact* part : parts)
    if (part->parent && *part->parent == column.name) out += " " + in_column(*part);
  return out;
}

bool has(const std::vector<const Fact*>& parts, const char* of_kind) {
  return std::any_of(parts.begin(), parts.end(), [&](const Fact* part) { return part->name.kind == of_kind; });
}

// Can ALTER TABLE give a default like this to rows that are there?
bool is_constant(std::string_view value) {
  return value.empty() || (value.front() != '(' && upper(value.substr(0, 8)) != "CURRENT_");
}

Steps add_column(const Fact& column, const std::vector<const Fact*>& parts) {
  const std::string_view value = column.property("default");
  const bool alone = !has(parts, kind::primary_key) && !has(parts, kind::unique) &&
                     column.property("generated") != "stored" && is_constant(value);
  if (!alone) return std::nullopt;
  const std::string& table = column.parent->identity;
  SchemaStep step;
  step.sql = "ALTER TABLE " + table + " ADD COLUMN " + column_text(column, parts);
  const bool is_generated = !column.property("generated").empty(), not_null = !column.property("not null").empty();
  const bool is_null = value.empty() || value == "NULL";
  if (has(parts, kind::foreign_key) && !is_null) {
    step.hazards = FLUX_HAZARD_MAY_FAIL;
    step.remark =
        "fails if " + table + " has rows and what " + column.name.identity + " refers to by default is not there";
  } else if (not_null && !is_generated && is_null) {
    step.hazards = FLUX_HAZARD_MAY_FAIL;
    step.remark = "fails if " + table + " has rows: " + column.name.identity + " is NOT NULL and has no default";
  } else if (has(parts, kind::check) || (not_null && is_generated)) {
    step.hazards = FLUX_HAZARD_SCAN | FLUX_HAZARD_MAY_FAIL;
    step.remark = "every row of " + table + " is read, and it fails if one of them breaks what is asked of " +
                  column.name.identity;
  }
  return Steps({step});
}

Steps drop_column(const Fact& column, const std::vector<const Fact*>& parts) {
  if (has(parts, kind::primary_key) || has(parts, kind::unique) || is_kept_column(column)) return std::nullopt;
  SchemaStep step;
  step.sql = "ALTER TABLE " + column.parent->identity + " DROP COLUMN " + name_in_sql(column.object);
  step.hazards = FLUX_HAZARD_BREAKS_CLIENTS;
  step.remark = "what still reads " + column.name.identity + " fails from here on";
  if (!column.property("generated").empty()) return Steps({step});
  step.hazards |= FLUX_HAZARD_DATA_LOSS | FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK;
  step.remark = "what is in " + column.name.identity + " is lost; every row of " + column.parent->identity +
                " is written again, and nobody else writes meanwhile";
  return Steps({step});
}

// `sql`, with what it breaks.
SchemaStep renamed(const SchemaChange& change, std::string sql) {
  SchemaStep step;
  step.sql = std::move(sql);
  step.hazards = FLUX_HAZARD_BREAKS_CLIENTS;
  step.remark = "what still says " + change.from->name.identity + " fails from here on";
  return step;
}

}  // namespace

Steps rename_table(const SchemaChange& change) {
  const std::string &from = change.from->name.identity, &to = change.to->name.identity;
  if (!same_name(change.from->object, change.to->object))
    return Steps({renamed(change, "ALTER TABLE " + from + " RENAME TO " + to)});
  // Names that differ in case alone are the same to SQLite, which says that there is such a table.
  const std::string between = name_in_sql("_flux_new_" + change.to->object);
  std::vector<SchemaStep> steps(2);
  steps[0].sql = "ALTER TABLE " + from + " RENAME TO " + between;
  steps[1].sql = "ALTER TABLE " + between + " RENAME TO " + to;
  return steps;
}

SchemaStep drop_table(const Fact& table) {
  SchemaStep step;
  step.sql = "DROP TABLE " + table.name.identity;
  step.hazards = FLUX_HAZARD_DATA_LOSS | FLUX_HAZARD_BREAKS_CLIENTS;
  step.remark = "every row of " + table.name.identity + " is lost";
  return step;
}

std::string lost_with(const Fact& unread, const std::string& owner) {
  return "the " + unread.name.kind + " " + unread.name.identity + " goes with " + owner +
         ", and is not made again: flux cannot read it";
}

std::string create_table(const std::string& name, const Fact& table, const std::vector<const Fact*>& parts) {
  std::string lines, options;
  const auto line = [&](const std::string& text) { lines += (lines.empty() ? "\n  " : ",\n  ") + text; };
  for (const Fact* part : parts) {
    if (part->name.kind == kind::option) options += (options.empty() ? " " : ", ") + part->definition;
    if (part->name.kind == kind::column) line(column_text(*part, parts));
  }
  for (const Fact* part : parts)
    if (part->parent && *part->parent == table.name && part->name.kind != kind::option &&
        part->name.kind != kind::column && !part->unmodelled)
      line(part->definition);
  return "CREATE TABLE " + name_in_sql(name) + " (" + lines + "\n)" + options;
}

Steps change_table(const SchemaChange& change) {
  if (change.from == nullptr) {
    SchemaStep step;
    step.sql = create_table(change.to->object, *change.to, change.to_parts);
    return Steps({step});
  }
  if (change.to == nullptr) return Steps({drop_table(*change.from)});
  if (change.rename) return rename_table(change);
  if (change.to_parts.empty()) return std::nullopt;
  return rebuild_table(change);
}

Steps change_column(const SchemaChange& change) {
  if (change.from == nullptr) return add_column(*change.to, change.to_parts);
  if (change.to == nullptr) return drop_column(*change.from, change.from_parts);
  if (!change.rename) return std::nullopt;
  return Steps({renamed(change, "ALTER TABLE " + change.to->parent->identity + " RENAME COLUMN " +
                                    name_in_sql(change.from->object) + " TO " + name_in_sql(change.to->object))});
}

}  // namespace flux::sqlite
