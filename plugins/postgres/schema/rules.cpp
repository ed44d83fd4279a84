#include "rules.hpp"

#include "firing.hpp"
#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

constexpr const char* rules_query =
    "SELECT r.oid, r.ev_class, r.rulename, pg_catalog.pg_get_ruledef(r.oid), r.ev_enabled "
    "FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE r.oid >= 16384 AND r.rulename <> '_RETURN' ORDER BY n.nspname, c.relname, r.rulename";

std::string on_table(const Fact& rule) { return quoted(rule.object) + " ON " + std::string(rule.property("table")); }

SchemaStep fire(const Fact& rule) {
  const std::string words(rule.property("enabled"));
  return step("ALTER TABLE " + std::string(rule.property("table")) + ' ' + (words.empty() ? "ENABLE" : words) +
              " RULE " + quoted(rule.object));
}

class Rules : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"rule"}; }
  std::vector<std::string> queries(int) const override { return {rules_query}; }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Catalog::Entry* table = catalog.at({in::relation, row.oid(1), 0});
      if (table == nullptr) continue;
      Fact fact;
      fact.name = {"rule", table->fact.name.identity + '.' + quoted(row[2])};
      fact.parent = table->fact.name;
      fact.schema = table->fact.schema;
      fact.object = row[2];
      fact.definition = row[3].substr(0, row[3].find_last_not_of("; \n") + 1);
      set(fact, "table", table->fact.name.identity);
      if (row.code(4) != 'O') set(fact, "enabled", std::string(firing_words(row.code(4))));
      std::string target = "RULE " + on_table(fact);
      catalog.add({in::rewrite, row.oid(0), 0}, std::move(fact), std::move(target));
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& rule = change.to != nullptr ? *change.to : *change.from;
    if (change.rename) return Steps{step("ALTER RULE " + on_table(*change.from) + " RENAME TO " + quoted(rule.object))};
    if (change.to == nullptr)
      return Steps{step("DROP RULE " + on_table(rule), FLUX_HAZARD_BREAKS_CLIENTS,
                        "the rule " + rule.name.identity + " does not rewrite statements any more")};
    Steps out;
    if (change.from == nullptr)
      out.push_back(step(rule.definition));
    else if (change.from->definition != rule.definition)
      out.push_back(step("CREATE OR REPLACE " + rule.definition.substr(7)));
    const std::string_view before = change.from == nullptr ? "" : change.from->property("enabled");
    if (before != rule.property("enabled")) out.push_back(fire(rule));
    return out;
  }
};

}  // namespace

const Kind& rules() {
  static const Rules kind;
  return kind;
}

}  // namespace flux::postgres::schema
