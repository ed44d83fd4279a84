#include "domains.hpp"

#include "sql_name.hpp"
#include "steps.hpp"
#include "type_change.hpp"
#include "type_rebuild.hpp"

namespace flux::postgres::schema {
namespace {

constexpr std::string_view not_valid = " NOT VALID";

std::string create(const Fact& domain, const std::vector<const Fact*>& parts) {
  std::string out = "CREATE DOMAIN " + domain.name.identity + " AS " + domain.definition;
  if (const std::string_view collation = domain.property("collation"); !collation.empty())
    out += " COLLATE " + std::string(collation);
  if (const std::string_view expression = domain.property("default"); !expression.empty())
    out += " DEFAULT " + std::string(expression);
  if (!domain.property("not_null").empty()) out += " NOT NULL";
  for (const Fact* part : parts)
    if (part->name.kind == "domain constraint")
      out += "\n  CONSTRAINT " + quoted(part->object) + ' ' + part->definition;
  return out;
}

// A cast to the domain itself would cut off what it has no room for; one on assignment fails.
Conversion conversion(const Fact& from, const Fact& to, const std::string& column_type) {
  const std::string array = column_type.substr(column_type.size() - 2) == "[]" ? "[]" : "";
  const TypeChange how = type_change(from.definition + array, to.definition + array);
  Conversion out{how.cast, FLUX_HAZARD_MAY_FAIL, "fails where a value is no " + to.definition};
  if (how.loses) {
    out.hazards |= FLUX_HAZARD_DATA_LOSS;
    out.remark += "; values lose what " + to.definition + " cannot hold";
  }
  return out;
}

std::optional<Steps> alter_domain(const SchemaChange& change) {
  const Fact &from = *change.from, &to = *change.to;
  const bool other_type = from.definition != to.definition || from.property("collation") != to.property("collation");
  // Made anew with its checks as they will be: none can be added where an array of it is in use, and an old one may mean
  // nothing for the new type.
  if (other_type && !change.with_parts) return std::nullopt;
  if (other_type)
    return rebuilt_type(change, "DOMAIN", create(to, change.to_parts),
                        [&](const std::string& type) { return conversion(from, to, type); });
  const std::string alter = "ALTER DOMAIN " + to.name.identity;
  Steps out;
  if (const std::string wanted(to.property("default")); from.property("default") != wanted)
    out.push_back(step(alter + (wanted.empty() ? " DROP DEFAULT" : " SET DEFAULT " + wanted)));
  if (from.property("not_null") != to.property("not_null")) {
    if (to.property("not_null").empty())
      out.push_back(step(alter + " DROP NOT NULL"));
    else
      out.push_back(step(
          alter + " SET NOT NULL", FLUX_HAZARD_SCAN | FLUX_HAZARD_LOCK | FLUX_HAZARD_MAY_FAIL,
          "every row with a column of " + to.name.identity + " is read, under a SHARE lock; fails where one is NULL"));
  }
  return out;
}

std::optional<Steps> constraint_change(const SchemaChange& change) {
  const Fact& fact = change.to != nullptr ? *change.to : *change.from;
  const std::string alter = "ALTER DOMAIN " + fact.parent->identity;
  if (change.rename)
    return Steps{
        step(alter + " RENAME CONSTRAINT " + quoted(change.from->object) + " TO " + quoted(change.to->object))};
  const std::string rows = "every row with a column of " + fact.parent->identity +
                           " is read; fails where one violates " + fact.name.identity;
  const unsigned hazards = FLUX_HAZARD_SCAN | FLUX_HAZARD_MAY_FAIL;
  const auto is_valid = [](const Fact& f) { return f.definition.find(not_valid) == std::string::npos; };
  const std::string validate = alter + " VALIDATE CONSTRAINT " + quoted(fact.object);
  const SchemaStep drop = step(alter + " DROP CONSTRAINT " + quoted(fact.object));
  if (change.to == nullptr) return Steps{drop};
  if (change.from != nullptr && change.from->definition == fact.definition + std::string(not_valid))
    return Steps{step(validate, hazards, rows)};
  Steps out;
  if (change.from != nullptr) out.push_back(drop);
  SchemaStep add = step(alter + " ADD CONSTRAINT " + quoted(fact.object) + ' ' + fact.definition);
  if (is_valid(fact) && change.online) {
    add.sql += not_valid;
    add.commits = true;
    out.push_back(std::move(add));
    out.push_back(step(validate, hazards, rows));
  } else if (is_valid(fact)) {
    out.push_back(step(add.sql, hazards | FLUX_HAZARD_LOCK, rows + ", under a SHARE lock"));
  } else {
    out.push_back(std::move(add));
  }
  for (const Fact* comment : change.dependents)
    if (comment->name.kind == "comment")
      out.push_back(step("COMMENT ON " + std::string(comment->property("on")) + " IS " + comment->definition));
  return out;
}

class Domains : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"domain", "domain constraint"}; }

  std::vector<std::string> queries(int) const override {
    return {
        "SELECT t.oid, t.typnamespace, t.typname, pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typnotnull, "
        "coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 'pg_catalog.pg_type'::pg_catalog.regclass), "
        "pg_catalog.quote_literal(t.typdefault)), cn.nspname, co.collname "
        "FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
        "JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype "
        "LEFT JOIN pg_catalog.pg_collation co ON co.oid = t.typcollation AND t.typcollation <> b.typcollation "
        "LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace "
        "WHERE t.typtype = 'd' AND t.oid >= 16384 ORDER BY n.nspname, t.typname",
        "SELECT c.oid, c.contypid, c.conname, c.convalidated, pg_catalog.pg_get_constraintdef(c.oid) "
        "FROM pg_catalog.pg_constraint c WHERE c.contypid >= 16384 AND c.contype = 'c' ORDER BY c.contypid, c.conname"};
  }

  void read(std::size_t which, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) which == 0 ? read_domain(row, catalog) : read_constraint(row, catalog);
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    if (fact.name.kind == "domain constraint") return constraint_change(change);
    if (change.rename) return renamed("DOMAIN", *change.from, *change.to);
    if (change.from == nullptr) return Steps{step(create(fact, change.to_parts))};
    if (change.to == nullptr)
      return Steps{step("DROP DOMAIN " + fact.name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                        "the domain " + fact.name.identity + " is gone")};
    return alter_domain(change);
  }

 private:
  static void read_domain(const Row& row, Catalog& catalog) {
    const Address address{in::type, row.oid(0), 0};
    const std::string* schema = catalog.schema(row.oid(1));
    if (schema == nullptr || !catalog.owned(address)) return;
    Fact fact;
    fact.name = {"domain", qualified(*schema, row[2])};
    fact.schema = *schema;
    fact.object = row[2];
    fact.definition = row[3];
    set(fact, "not_null", row.flag(4));
    set(fact, "default", std::string(row[5]));
    if (!row.null(7)) set(fact, "collation", qualified(row[6], row[7]));
    const std::string target = "DOMAIN " + fact.name.identity;
    catalog.add(address, std::move(fact), target);
  }

  static void read_constraint(const Row& row, Catalog& catalog) {
    const Catalog::Entry* domain = catalog.at({in::type, row.oid(1), 0});
    if (domain == nullptr) return;
    Fact fact;
    fact.name = {"domain constraint", domain->fact.name.identity + '.' + quoted(row[2])};
    fact.parent = domain->fact.name;
    fact.schema = domain->fact.schema;
    fact.object = row[2];
    fact.part = row.flag(3);
    fact.definition = row[4];
    fact.dependencies.push_back({domain->fact.name, fact.part});
    const std::string target = "CONSTRAINT " + quoted(row[2]) + " ON DOMAIN " + domain->fact.name.identity;
    catalog.add({in::constraint, row.oid(0), 0}, std::move(fact), target);
  }
};

}  // namespace

const Kind& domains() {
  static const Domains kind;
  return kind;
}

}  // namespace flux::postgres::schema
