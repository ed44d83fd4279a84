#include "composites.hpp"

#include <algorithm>

#include "sql_name.hpp"
#include "steps.hpp"
#include "type_rebuild.hpp"

namespace flux::postgres::schema {
namespace {

std::optional<Steps> attribute_change(const SchemaChange& change) {
  const Fact& fact = change.to != nullptr ? *change.to : *change.from;
  const std::string alter = "ALTER TYPE " + fact.parent->identity, name = quoted(fact.object);
  if (change.rename)
    return Steps{step(alter + " RENAME ATTRIBUTE " + quoted(change.from->object) + " TO " + name + " CASCADE",
                      FLUX_HAZARD_BREAKS_CLIENTS, "who uses the old name of " + fact.name.identity + " fails")};
  // CASCADE reaches the tables OF this type, and drops nothing here.
  if (change.from == nullptr) return Steps{step(alter + " ADD ATTRIBUTE " + name + ' ' + fact.definition + " CASCADE")};
  if (change.to == nullptr)
    return Steps{step(alter + " DROP ATTRIBUTE " + name, FLUX_HAZARD_BREAKS_CLIENTS | FLUX_HAZARD_DATA_LOSS,
                      "every value of " + fact.name.identity + " is lost")};
  // Only who knows what uses the type can tell whether that can be done.
  if (!change.with_parts) return std::nullopt;
  return Steps{step(alter + " ALTER ATTRIBUTE " + name + " TYPE " + fact.definition + " CASCADE",
                    FLUX_HAZARD_BREAKS_CLIENTS | FLUX_HAZARD_MAY_FAIL,
                    "fails where a column is of " + fact.parent->identity)};
}

std::string create(const Fact& type, const std::vector<const Fact*>& attributes) {
  std::string sql = "CREATE TYPE " + type.name.identity + " AS (";
  bool first = true;
  for (const Fact* part : attributes) {
    sql += (first ? "\n  " : ",\n  ") + quoted(part->object) + ' ' + part->definition;
    first = false;
  }
  return sql + (first ? ")" : "\n)");
}

const Fact* named(const std::vector<const Fact*>& parts, const FactRef& name) {
  const auto at = std::find_if(parts.begin(), parts.end(), [&](const Fact* part) { return part->name == name; });
  return at == parts.end() ? nullptr : *at;
}

// The server alters no attribute of a type of which there may be values: these go over to a new type, by way of text,
// where they have the attributes that they had.
std::optional<Steps> change_attributes(const SchemaChange& change) {
  const bool has_values = std::any_of(change.dependents.begin(), change.dependents.end(), [](const Fact* dependent) {
    return dependent->name.kind == "column" || dependent->name.kind == "domain" || dependent->name.kind == "attribute";
  });
  if (has_values) {
    const bool same = std::equal(change.from_parts.begin(), change.from_parts.end(), change.to_parts.begin(),
                                 change.to_parts.end(), [](const Fact* a, const Fact* b) { return a->name == b->name; });
    if (!same) return std::nullopt;
    const std::string fails = "fails where a value of " + change.to->name.identity + " does not fit";
    return rebuilt_type(change, "TYPE", create(*change.to, change.to_parts), [&](const std::string& type) {
      return Conversion{"::text::" + type, FLUX_HAZARD_MAY_FAIL, fails};
    });
  }
  Steps out;
  SchemaChange one;
  one.with_parts = true;
  const auto add = [&](const Fact* from, const Fact* to) {
    one.from = from;
    one.to = to;
    const std::optional<Steps> steps = attribute_change(one);
    out.insert(out.end(), steps->begin(), steps->end());
  };
  for (const Fact* part : change.from_parts)
    if (named(change.to_parts, part->name) == nullptr) add(part, nullptr);
  for (const Fact* part : change.to_parts) {
    const Fact* before = named(change.from_parts, part->name);
    if (before == nullptr || before->definition != part->definition) add(before, part);
  }
  return out;
}

class Composites : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"composite type", "attribute"}; }

  std::vector<std::string> queries(int) const override {
    return {
        "SELECT c.oid, c.reltype, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), "
        "cn.nspname, co.collname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
        "LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation AND a.attcollation <> t.typcollation "
        "LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace "
        "WHERE c.relkind = 'c' AND c.oid >= 16384 ORDER BY n.nspname, c.relname, a.attnum"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Relation* relation = catalog.relation(row.oid(0));
      if (relation == nullptr || !catalog.owned({in::type, row.oid(1), 0})) continue;
      const Address type{in::type, row.oid(1), 0};
      if (catalog.at(type) == nullptr) read_type(row, *relation, type, catalog);
      if (!row.null(2)) read_attribute(row, catalog.at(type)->fact, catalog);
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    if (fact.name.kind == "attribute") return attribute_change(change);
    if (change.with_parts) return std::nullopt;  // each of its parts can be changed alone
    if (change.rename) return renamed("TYPE", *change.from, *change.to);
    if (change.to == nullptr)
      return Steps{step("DROP TYPE " + fact.name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                        "the type " + fact.name.identity + " is gone")};
    if (change.from == nullptr) return Steps{step(create(fact, change.to_parts))};
    return change.with_parts ? change_attributes(change) : Steps{};
  }

 private:
  static void read_type(const Row& row, const Relation& relation, const Address& type, Catalog& catalog) {
    Fact fact;
    fact.name = {"composite type", relation.identity()};
    fact.schema = relation.schema;
    fact.object = relation.name;
    catalog.alias({in::relation, row.oid(0), 0}, type);
    catalog.add(type, std::move(fact), "TYPE " + relation.identity());
  }

  static void read_attribute(const Row& row, const Fact& type, Catalog& catalog) {
    Fact fact;
    fact.name = {"attribute", type.name.identity + '.' + quoted(row[3])};
    fact.parent = type.name;
    fact.schema = type.schema;
    fact.object = row[3];
    fact.part = true;
    fact.definition = row[4];
    if (!row.null(6)) fact.definition += " COLLATE " + qualified(row[5], row[6]);
    const std::string target = "COLUMN " + fact.name.identity;
    catalog.add({in::relation, row.oid(0), row.number(2)}, std::move(fact), target);
  }
};

}  // namespace

const Kind& composites() {
  static const Composites kind;
  return kind;
}

}  // namespace flux::postgres::schema
