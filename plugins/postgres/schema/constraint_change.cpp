#include "constraint_change.hpp"

#include <algorithm>

#include "options.hpp"
#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

constexpr std::string_view not_valid = " NOT VALID";

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string alter_table(const Fact& fact) { return "ALTER TABLE " + std::string(fact.property("table")); }
std::string table_of(const Fact& fact) { return std::string(fact.property("table")); }

bool is_key(const Fact& fact) { return fact.property("type") == "primary key" || fact.property("type") == "unique"; }

std::string add(const Fact& fact, std::string_view definition) {
  return alter_table(fact) + " ADD CONSTRAINT " + quoted(fact.object) + ' ' + std::string(definition);
}

// "UNIQUE (a, b) INCLUDE (c) DEFERRABLE" as the columns of an index and what stands behind them.
struct Key {
  std::string columns, attributes;
  bool nulls_not_distinct = false;
};
Key key_of(std::string_view definition) {
  Key out;
  out.nulls_not_distinct = definition.find("UNIQUE NULLS NOT DISTINCT (") == 0;
  const std::size_t open = definition.find('(');
  std::size_t end = definition.find(" DEFERRABLE", open);
  if (end == std::string_view::npos) end = definition.size();
  out.columns = definition.substr(open, end - open);
  out.attributes = definition.substr(end);
  return out;
}

// The index is built beside what goes on, then becomes the constraint.
Steps key_by_index(const Fact& fact) {
  const Key key = key_of(fact.definition);
  const std::string_view options = fact.property("options");
  std::string sql =
      "CREATE UNIQUE INDEX CONCURRENTLY " + quoted(fact.object) + " ON " + table_of(fact) + ' ' + key.columns;
  if (key.nulls_not_distinct) sql += " NULLS NOT DISTINCT";
  if (!options.empty()) sql += " WITH (" + std::string(options) + ')';
  const std::string name = fact.name.identity;
  SchemaStep build = step(sql, FLUX_HAZARD_NO_TRANSACTION | FLUX_HAZARD_SCAN | FLUX_HAZARD_MAY_FAIL,
                          "every row of " + table_of(fact) + " is read; fails where two rows are equal in " + name);
  build.commits = true;
  const bool primary = fact.property("type") == "primary key";
  return {std::move(build), step(add(fact, std::string(primary ? "PRIMARY KEY" : "UNIQUE") + " USING INDEX " +
                                               quoted(fact.object) + key.attributes))};
}

Steps in_two_steps(const Fact& fact) {
  const bool foreign = fact.property("type") == "foreign key";
  SchemaStep first = step(add(fact, fact.definition) + std::string(not_valid));
  first.commits = true;
  return {std::move(first), step(alter_table(fact) + " VALIDATE CONSTRAINT " + quoted(fact.object),
                                 FLUX_HAZARD_SCAN | FLUX_HAZARD_MAY_FAIL,
                                 "every row of " + table_of(fact) + " is read; fails where one " +
                                     (foreign ? "refers to nothing by " : "violates ") + fact.name.identity)};
}

Steps make(const Fact& fact, bool wants_online) {
  // The server does not do that for partitioned tables.
  const bool online = wants_online && fact.property("partitioned").empty();
  const std::string_view type = fact.property("type");
  if (!fact.property("inherited").empty()) return {};
  Steps out;
  if (ends_with(fact.definition, not_valid)) return {step(add(fact, fact.definition))};
  if (online && is_key(fact)) return key_by_index(fact);
  if (online && type != "exclusion") return in_two_steps(fact);
  const std::string rows = "every row of " + table_of(fact) + " is read, under ";
  const unsigned hazards = FLUX_HAZARD_SCAN | FLUX_HAZARD_LOCK | FLUX_HAZARD_MAY_FAIL;
  if (type == "foreign key")
    out.push_back(step(add(fact, fact.definition), hazards,
                       rows + "a SHARE ROW EXCLUSIVE lock on both tables; fails where one refers to nothing by " +
                           fact.name.identity));
  else if (type == "check")
    out.push_back(step(add(fact, fact.definition), hazards,
                       rows + "an ACCESS EXCLUSIVE lock; fails where one violates " + fact.name.identity));
  else
    out.push_back(step(add(fact, constraint_definition(fact)), hazards,
                       rows + "an ACCESS EXCLUSIVE lock; fails where two of them conflict in " + fact.name.identity));
  for (SchemaStep& setting : constraint_settings(fact)) out.push_back(std::move(setting));
  return out;
}

Steps drop(const Fact& fact) {
  if (!fact.property("inherited").empty()) return {};
  return {step(alter_table(fact) + " DROP CONSTRAINT " + quoted(fact.object), FLUX_HAZARD_BREAKS_CLIENTS,
               "rows that " + fact.name.identity + " forbids can be written from then on")};
}

// " DEFERRABLE INITIALLY DEFERRED", as the definition of a foreign key ends but for NOT VALID.
std::string deferral_of(std::string_view definition) {
  if (ends_with(definition, not_valid)) definition.remove_suffix(not_valid.size());
  const std::size_t at = definition.rfind(" DEFERRABLE");
  return at == std::string_view::npos ? std::string() : std::string(definition.substr(at));
}

// The definition without what can be altered in place.
std::string fixed_part(const Fact& fact) {
  std::string_view definition = fact.definition;
  if (ends_with(definition, not_valid)) definition.remove_suffix(not_valid.size());
  if (fact.property("type") != "foreign key") return std::string(definition);
  return std::string(definition.substr(0, definition.size() - deferral_of(definition).size()));
}

std::optional<Steps> alter(const Fact& from, const Fact& to) {
  if (!to.property("inherited").empty()) return Steps{};
  if (from.property("type") != to.property("type") || fixed_part(from) != fixed_part(to)) return std::nullopt;
  const bool was_valid = !ends_with(from.definition, not_valid), is_valid = !ends_with(to.definition, not_valid);
  if (was_valid && !is_valid) return std::nullopt;
  // The index of a partitioned table is made with its parameters, and keeps them.
  if (!to.property("partitioned").empty() && from.property("options") != to.property("options")) return std::nullopt;
  Steps out;
  if (deferral_of(from.definition) != deferral_of(to.definition)) {
    const std::string wanted = deferral_of(to.definition);
    out.push_back(step(alter_table(to) + " ALTER CONSTRAINT " + quoted(to.object) +
                       (wanted.empty()                                  ? " NOT DEFERRABLE"
                        : wanted.find("INITIALLY") == std::string::npos ? wanted + " INITIALLY IMMEDIATE"
                                                                        : wanted)));
  }
  if (!was_valid && is_valid)
    out.push_back(step(alter_table(to) + " VALIDATE CONSTRAINT " + quoted(to.object),
                       FLUX_HAZARD_SCAN | FLUX_HAZARD_MAY_FAIL,
                       "every row of " + table_of(to) + " is read; fails where one violates " + to.name.identity));
  const OptionChange options = option_change(from.property("options"), to.property("options"));
  const std::string index = "ALTER INDEX " + qualified(*to.schema, to.object);
  if (!options.set.empty()) out.push_back(step(index + " SET (" + options.set + ')'));
  if (!options.reset.empty()) out.push_back(step(index + " RESET (" + options.reset + ')'));
  return out;
}

}  // namespace

std::string constraint_definition(const Fact& constraint) {
  std::string out = constraint.definition;
  const std::string_view options = constraint.property("options");
  if (options.empty() || !is_key(constraint)) return out;
  return out.insert(std::min(out.find(" DEFERRABLE"), out.size()), " WITH (" + std::string(options) + ')');
}

Steps constraint_settings(const Fact& constraint) {
  const std::string_view options = constraint.property("options");
  if (options.empty() || is_key(constraint)) return {};
  return {step("ALTER INDEX " + qualified(*constraint.schema, constraint.object) + " SET (" + std::string(options) + ')')};
}

std::optional<Steps> constraint_change(const SchemaChange& change) {
  if (change.rename) {
    if (!change.from->property("inherited").empty()) return Steps{};
    return Steps{step(alter_table(*change.from) + " RENAME CONSTRAINT " + quoted(change.from->object) + " TO " +
                          quoted(change.to->object),
                      FLUX_HAZARD_BREAKS_CLIENTS,
                      "who looks for errors by the old name of " + change.to->name.identity + " misses them")};
  }
  if (change.from == nullptr) return make(*change.to, change.online);
  if (change.to == nullptr) return drop(*change.from);
  return alter(*change.from, *change.to);
}

}  // namespace flux::postgres::schema
