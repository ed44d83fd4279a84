#include "policies.hpp"

#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

constexpr const char* policies_query =
    "SELECT p.oid, p.polrelid, p.polname, CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' "
    "WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' END, NOT p.polpermissive, (SELECT pg_catalog.string_agg(role, ', ' "
    "ORDER BY role) FROM (SELECT CASE WHEN r = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident("
    "pg_catalog.pg_get_userbyid(r)) END AS role FROM pg_catalog.unnest(p.polroles) r) named), "
    "pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) "
    "FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ORDER BY n.nspname, c.relname, p.polname";

std::string on_table(const Fact& policy) {
  return quoted(policy.object) + " ON " + std::string(policy.property("table"));
}

// Whom it is for, and what it lets through.
std::string clauses(const Fact& policy) {
  std::string out = "\n  TO " + std::string(policy.property("roles"));
  if (const std::string rows(policy.property("using")); !rows.empty()) out += "\n  USING (" + rows + ')';
  if (const std::string rows(policy.property("check")); !rows.empty()) out += "\n  WITH CHECK (" + rows + ')';
  return out;
}

std::string create(const Fact& policy) {
  std::string sql = "CREATE POLICY " + on_table(policy);
  if (!policy.property("restrictive").empty()) sql += "\n  AS RESTRICTIVE";
  if (const std::string command(policy.property("command")); !command.empty()) sql += "\n  FOR " + command;
  return sql + clauses(policy);
}

// ALTER POLICY cannot take an expression away.
bool may_be_altered(const Fact& from, const Fact& to) {
  for (const char* name : {"command", "restrictive"})
    if (from.property(name) != to.property(name)) return false;
  for (const char* name : {"using", "check"})
    if (!from.property(name).empty() && to.property(name).empty()) return false;
  return true;
}

class Policies : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"policy"}; }
  std::vector<std::string> queries(int) const override { return {policies_query}; }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Catalog::Entry* table = catalog.at({in::relation, row.oid(1), 0});
      if (table == nullptr) continue;
      Fact fact;
      fact.name = {"policy", table->fact.name.identity + '.' + quoted(row[2])};
      fact.parent = table->fact.name;
      fact.schema = table->fact.schema;
      fact.object = row[2];
      set(fact, "table", table->fact.name.identity);
      set(fact, "command", std::string(row[3]));
      set(fact, "restrictive", row.flag(4));
      set(fact, "roles", std::string(row[5]));
      set(fact, "using", std::string(row[6]));
      set(fact, "check", std::string(row[7]));
      std::string target = "POLICY " + on_table(fact);
      catalog.add({in::policy, row.oid(0), 0}, std::move(fact), std::move(target));
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& policy = change.to != nullptr ? *change.to : *change.from;
    if (change.rename)
      return Steps{step("ALTER POLICY " + on_table(*change.from) + " RENAME TO " + quoted(policy.object))};
    const std::string remark = "who sees or writes which rows of " + std::string(policy.property("table")) + " changes";
    if (change.to == nullptr) return Steps{step("DROP POLICY " + on_table(policy), FLUX_HAZARD_BREAKS_CLIENTS, remark)};
    if (change.from == nullptr) return Steps{step(create(policy), FLUX_HAZARD_BREAKS_CLIENTS, remark)};
    if (!may_be_altered(*change.from, policy)) return std::nullopt;
    return Steps{step("ALTER POLICY " + on_table(policy) + clauses(policy), FLUX_HAZARD_BREAKS_CLIENTS, remark)};
  }
};

}  // namespace

const Kind& policies() {
  static const Policies kind;
  return kind;
}

}  // namespace flux::postgres::schema
