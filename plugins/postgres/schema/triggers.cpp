#include "triggers.hpp"

#include "firing.hpp"
#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

constexpr const char* triggers_query =
    "SELECT t.oid, t.tgrelid, t.tgname, pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled, t.tgconstraint "
    "FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE t.tgrelid >= 16384 AND NOT t.tgisinternal AND t.tgparentid = 0 ORDER BY n.nspname, c.relname, t.tgname";

constexpr const char* states_query =
    "SELECT t.oid, t.tgrelid, t.tgname, t.tgenabled, p.tgenabled, p.oid "
    "FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_trigger p ON p.oid = t.tgparentid "
    "JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE NOT p.tgisinternal AND t.tgenabled <> p.tgenabled "
    "ORDER BY n.nspname, c.relname, t.tgname";

std::string_view enabled(const Fact& trigger) {
  const std::string_view words = trigger.property("enabled");
  return words.empty() ? "ENABLE" : words;
}

SchemaStep fire(const Fact& trigger, std::string_view words) {
  return step("ALTER TABLE " + std::string(trigger.property("table")) + ' ' + std::string(words) + " TRIGGER " +
                  quoted(trigger.object),
              FLUX_HAZARD_BREAKS_CLIENTS, "when the trigger " + trigger.name.identity + " fires changes");
}

std::optional<Steps> change_state(const SchemaChange& change) {
  if (change.rename) return std::nullopt;
  if (change.to == nullptr) return Steps{fire(*change.from, change.from->property("usual"))};
  return Steps{fire(*change.to, enabled(*change.to))};
}

std::optional<Steps> change_trigger(const SchemaChange& change) {
  const Fact& trigger = change.to != nullptr ? *change.to : *change.from;
  const std::string table(trigger.property("table"));
  if (change.rename)
    return Steps{step("ALTER TRIGGER " + quoted(change.from->object) + " ON " + table + " RENAME TO " +
                      quoted(change.to->object))};
  if (change.to == nullptr)
    return Steps{step("DROP TRIGGER " + quoted(trigger.object) + " ON " + table, FLUX_HAZARD_BREAKS_CLIENTS,
                      "what the trigger " + trigger.name.identity + " does, is not done any more")};
  if (change.from == nullptr) {
    Steps out{step(trigger.definition)};
    if (enabled(trigger) != "ENABLE") {
      out.push_back(fire(trigger, enabled(trigger)));
      out.back().hazards = 0;
    }
    return out;
  }
  if (change.from->definition != trigger.definition) return std::nullopt;
  return Steps{fire(trigger, enabled(trigger))};
}

class Triggers : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"trigger", "trigger state"}; }
  std::vector<std::string> queries(int) const override { return {triggers_query, states_query}; }

  void read(std::size_t which, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Catalog::Entry* table = catalog.at({in::relation, row.oid(1), 0});
      if (table == nullptr || !catalog.owned({in::trigger, row.oid(0), 0})) continue;
      if (which == 0)
        read_trigger(row, table->fact, catalog);
      else
        read_state(row, table->fact, catalog);
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    return fact.name.kind == "trigger" ? change_trigger(change) : change_state(change);
  }

 private:
  static Fact fact_of(const char* kind, std::string_view name, char code, const Fact& table) {
    Fact fact;
    fact.name = {kind, table.name.identity + '.' + quoted(name)};
    fact.parent = table.name;
    fact.schema = table.schema;
    fact.object = name;
    set(fact, "table", table.name.identity);
    const std::string words = firing_words(code);
    if (words != "ENABLE" || fact.name.kind == "trigger state") set(fact, "enabled", words);
    return fact;
  }

  static void read_trigger(const Row& row, const Fact& table, Catalog& catalog) {
    const Address address{in::trigger, row.oid(0), 0};
    Fact fact = fact_of("trigger", row[2], row.code(4), table);
    fact.definition = row[3];
    if (row.oid(5) != 0) catalog.alias({in::constraint, row.oid(5), 0}, address);
    catalog.add(address, std::move(fact), "TRIGGER " + quoted(row[2]) + " ON " + table.name.identity);
  }

  static void read_state(const Row& row, const Fact& table, Catalog& catalog) {
    const Address address{in::trigger, row.oid(0), 0};
    Fact fact = fact_of("trigger state", row[2], row.code(3), table);
    set(fact, "usual", std::string(firing_words(row.code(4))));
    catalog.depend(address, {in::trigger, row.oid(5), 0});
    catalog.add(address, std::move(fact));
  }
};

}  // namespace

const Kind& triggers() {
  static const Triggers kind;
  return kind;
}

}  // namespace flux::postgres::schema
