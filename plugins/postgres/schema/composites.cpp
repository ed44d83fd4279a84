#include "composites.hpp"

#include "sql_name.hpp"
#include "steps.hpp"

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
  return Steps{step(alter + " ALTER ATTRIBUTE " + name + " TYPE " + fact.definition + " CASCADE",
                    FLUX_HAZARD_BREAKS_CLIENTS | FLUX_HAZARD_MAY_FAIL,
                    "fails where a column is of " + fact.parent->identity)};
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
    if (change.rename) return renamed("TYPE", *change.from, *change.to);
    if (change.to == nullptr)
      return Steps{step("DROP TYPE " + fact.name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                        "the type " + fact.name.identity + " is gone")};
    if (change.from != nullptr) return Steps{};
    std::string sql = "CREATE TYPE " + fact.name.identity + " AS (";
    bool first = true;
    for (const Fact* part : change.to_parts) {
      sql += (first ? "\n  " : ",\n  ") + quoted(part->object) + ' ' + part->definition;
      first = false;
    }
    return Steps{step(sql + (first ? ")" : "\n)"))};
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
