#include "functions.hpp"

#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

// Those that a type brings along belong to it, as those of an extension do.
constexpr const char* functions_query =
    "SELECT p.oid, p.pronamespace, p.proname, p.prokind, pg_catalog.oidvectortypes(p.proargtypes), "
    "pg_catalog.pg_get_functiondef(p.oid), pg_catalog.pg_get_function_identity_arguments(p.oid), "
    "CASE WHEN p.proargmodes && '{o,b,t}' THEN (SELECT pg_catalog.string_agg(coalesce(a.name, '') || ' ' || "
    "pg_catalog.format_type(a.type, NULL), ', ' ORDER BY a.place) FROM ROWS FROM (pg_catalog.unnest(p.proallargtypes), "
    "pg_catalog.unnest(p.proargmodes), pg_catalog.unnest(p.proargnames)) WITH ORDINALITY AS a (type, mode, name, place) WHERE a.mode IN ('o', 'b', 't')) "
    "END, "
    "pg_catalog.pg_get_function_result(p.oid), p.pronargdefaults "
    "FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
    "WHERE p.prokind IN ('f', 'w', 'p') AND p.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d "
    "WHERE d.classid = 1255 AND d.objid = p.oid AND d.deptype IN ('e', 'i')) ORDER BY n.nspname, p.proname, 5";

constexpr const char* owned_by_types_query =
    "SELECT objid, refobjid FROM pg_catalog.pg_depend WHERE classid = 1255 AND refclassid = 1247 AND deptype = 'i'";

std::string target_of(const Fact& function) {
  return (function.name.kind == "procedure" ? "PROCEDURE " : "FUNCTION ") + function.name.identity;
}

// The definition makes what is there already, or is not.
constexpr std::string_view replacing = "CREATE OR REPLACE ";

Steps make(const Fact& function) { return {step("CREATE " + function.definition.substr(replacing.size()))}; }

Steps drop(const Fact& function) {
  return {step("DROP " + target_of(function), FLUX_HAZARD_BREAKS_CLIENTS,
               "who calls " + function.name.identity + " fails")};
}

// Inputs may get names where they have none, and more defaults.
bool may_be_replaced(const Fact& from, const Fact& to) {
  for (const char* name : {"returns", "outputs", "window"})
    if (from.property(name) != to.property(name)) return false;
  const std::string& identity = from.name.identity;
  const std::string unnamed = '(' + std::string(from.property("inputs")) + ')';
  const bool nameless = identity.size() >= unnamed.size() &&
                        identity.compare(identity.size() - unnamed.size(), unnamed.size(), unnamed) == 0;
  if (from.property("inputs") != to.property("inputs") && !nameless) return false;
  return std::stoi('0' + std::string(from.property("defaults"))) <=
         std::stoi('0' + std::string(to.property("defaults")));
}

// What has stored what the old body gave.
std::string keepers(const std::vector<const Fact*>& dependents) {
  std::string out;
  for (const Fact* fact : dependents) {
    const std::string& kind = fact->name.kind;
    const bool keeps = kind == "index" || kind == "constraint" || kind == "materialized view" ||
                       (kind == "column" && !fact->property("generated").empty());
    if (keeps) out += (out.empty() ? "" : ", ") + kind + ' ' + fact->name.identity;
  }
  return out;
}

std::optional<Steps> alter(const SchemaChange& change) {
  if (!may_be_replaced(*change.from, *change.to)) return std::nullopt;
  const std::string kept = keepers(change.dependents);
  return Steps{step(change.to->definition, 0,
                    kept.empty() ? "" : "what was computed by the old body stays as it is in " + kept)};
}

class Functions : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"function", "procedure"}; }
  std::vector<std::string> queries(int) const override { return {functions_query, owned_by_types_query}; }

  void read(std::size_t which, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows)
      if (which == 0)
        read_function(row, catalog);
      else
        catalog.alias({in::proc, row.oid(0), 0}, {in::type, row.oid(1), 0});
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename)
      return Steps{step("ALTER " + target_of(*change.from) + " RENAME TO " + quoted(change.to->object),
                        FLUX_HAZARD_BREAKS_CLIENTS, "who calls " + change.from->name.identity + " fails")};
    if (change.from == nullptr) return make(*change.to);
    if (change.to == nullptr) return drop(*change.from);
    return alter(change);
  }

 private:
  static void read_function(const Row& row, Catalog& catalog) {
    const std::string* schema = catalog.schema(row.oid(1));
    if (schema == nullptr) return;
    Fact fact;
    fact.name = {row.code(3) == 'p' ? "procedure" : "function",
                 qualified(*schema, row[2]) + '(' + std::string(row[4]) + ')'};
    fact.schema = *schema;
    fact.object = row[2];
    fact.definition = row[5].substr(0, row[5].find_last_not_of(" \n") + 1);
    set(fact, "inputs", std::string(row[6]));
    set(fact, "outputs", std::string(row[7]));
    set(fact, "returns", std::string(row[8]));
    if (row.number(9) > 0) set(fact, "defaults", std::string(row[9]));
    set(fact, "window", row.code(3) == 'w');
    std::string target = target_of(fact);
    catalog.add({in::proc, row.oid(0), 0}, std::move(fact), std::move(target));
  }
};

}  // namespace

const Kind& functions() {
  static const Functions kind;
  return kind;
}

}  // namespace flux::postgres::schema
