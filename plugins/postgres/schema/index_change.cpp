#include "index_change.hpp"

#include <algorithm>

#include "options.hpp"
#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

std::string table_of(const Fact& index) { return std::string(index.property("table")); }

// Each "COLUMN=TARGET" of the property as a statement.
void append_statistics(const Fact& index, Steps& steps) {
  std::string_view list = index.property("statistics");
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(", "), list.size()), sign = list.find('=');
    steps.push_back(step("ALTER INDEX " + index.name.identity + " ALTER COLUMN " + std::string(list.substr(0, sign)) +
                         " SET STATISTICS " + std::string(list.substr(sign + 1, end - sign - 1))));
    list.remove_prefix(std::min(end + 2, list.size()));
  }
}

// What a CREATE INDEX CONCURRENTLY that failed has left.
bool is_invalid(const Fact& index) { return !index.property("invalid").empty(); }

bool is_unique(const Fact& index) { return index.definition.rfind("CREATE UNIQUE ", 0) == 0; }

// The statement that builds `index` under `name`, beside what goes on.
std::string concurrently(const Fact& index, const std::string& name) {
  const std::size_t at = index.definition.find(" INDEX ") + 7;
  const std::size_t on = at + quoted(index.object).size();
  return index.definition.substr(0, at) + "CONCURRENTLY " + name + index.definition.substr(on);
}

SchemaStep build(const Fact& index, bool online, const std::string& name) {
  const std::string rows = "every row of " + table_of(index) + " is read";
  const unsigned may_fail = is_unique(index) ? unsigned{FLUX_HAZARD_MAY_FAIL} : 0U;
  const std::string fails = is_unique(index) ? "; fails where two rows are equal in " + index.name.identity : "";
  if (!online)
    return step(index.definition, FLUX_HAZARD_SCAN | FLUX_HAZARD_LOCK | may_fail,
                rows + ", under a SHARE lock: nobody writes meanwhile" + fails);
  SchemaStep out =
      step(concurrently(index, name), FLUX_HAZARD_SCAN | FLUX_HAZARD_NO_TRANSACTION | may_fail, rows + fails);
  out.commits = true;
  return out;
}

SchemaStep drop(const Fact& index, bool online) {
  SchemaStep out = step("DROP INDEX " + index.name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                        "queries that use " + index.name.identity + " are slow from then on");
  if (is_invalid(index)) out = step(out.sql, 0, index.name.identity + " is INVALID: no query uses it");
  if (online) {
    out.sql = "DROP INDEX CONCURRENTLY " + index.name.identity;
    out.hazards |= FLUX_HAZARD_NO_TRANSACTION;
    out.commits = true;
  }
  return out;
}

// The definition without its storage parameters.
std::string fixed_part(const Fact& index) {
  std::string out = index.definition;
  if (index.property("options").empty()) return out;
  const auto [begin, end] = options_in(out);
  return out.erase(begin, end - begin);
}

// A new one is built under another name, takes the place of the old one and then its name.
std::optional<Steps> replaced(const SchemaChange& change) {
  const Fact& to = *change.to;
  const std::string name = with_ending(to.object, "_flux_new");
  for (const Fact* dependent : change.dependents)
    if (dependent->name.kind != "comment") return std::nullopt;
  Steps out{build(to, true, quoted(name)), drop(*change.from, true),
            step("ALTER INDEX " + qualified(*to.schema, name) + " RENAME TO " + quoted(to.object))};
  append_statistics(to, out);
  for (const Fact* comment : change.dependents)
    out.push_back(step("COMMENT ON INDEX " + to.name.identity + " IS " + comment->definition));
  return out;
}

std::optional<Steps> alter(const SchemaChange& change) {
  const Fact &from = *change.from, &to = *change.to;
  // Nobody wants one that is INVALID, also where it is to be as it was.
  if (!to.property("inherited").empty() || is_invalid(to)) return Steps{};
  if (is_invalid(from)) return std::nullopt;
  if (fixed_part(from) != fixed_part(to) || from.property("partitioned") != to.property("partitioned")) {
    if (change.online && to.property("partitioned").empty() && from.property("inherited").empty() &&
        from.property("partitioned").empty())
      return replaced(change);
    return std::nullopt;
  }
  Steps out;
  const std::string alter = "ALTER INDEX " + to.name.identity;
  const OptionChange options = option_change(from.property("options"), to.property("options"));
  if (!options.set.empty()) out.push_back(step(alter + " SET (" + options.set + ')'));
  if (!options.reset.empty()) out.push_back(step(alter + " RESET (" + options.reset + ')'));
  if (from.property("statistics") != to.property("statistics")) {
    if (!from.property("statistics").empty()) return std::nullopt;
    append_statistics(to, out);
  }
  return out;
}

}  // namespace

std::optional<Steps> index_change(const SchemaChange& change) {
  const Fact& fact = change.to != nullptr ? *change.to : *change.from;
  const bool inherited = !fact.property("inherited").empty();
  if (change.rename) {
    if (inherited) return Steps{};
    Steps out = renamed("INDEX", *change.from, *change.to);
    for (SchemaStep& one : out) one.hazards = 0, one.remark.clear();
    return out;
  }
  if (change.from != nullptr && change.to != nullptr) return alter(change);
  if (inherited) return Steps{};
  // The server does not build those of partitioned tables beside what goes on.
  const bool online = change.online && fact.property("partitioned").empty();
  if (change.to == nullptr) return Steps{drop(fact, online)};
  if (is_invalid(fact)) return Steps{};
  Steps out{build(fact, online, quoted(fact.object))};
  append_statistics(fact, out);
  return out;
}

}  // namespace flux::postgres::schema
