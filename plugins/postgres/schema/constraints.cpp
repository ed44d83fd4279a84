#include "constraints.hpp"

#include "constraint_change.hpp"
#include "fragments.hpp"
#include "sql_name.hpp"

namespace flux::postgres::schema {
namespace {

enum Column { oid, relation_oid, name, type, validated, inherited, above, above_relation, index, definition, options };

const char* type_word(char code) {
  switch (code) {
    case 'p':
      return "primary key";
    case 'u':
      return "unique";
    case 'c':
      return "check";
    case 'x':
      return "exclusion";
    default:
      return "foreign key";
  }
}

class Constraints : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"constraint"}; }

  std::vector<std::string> queries(int) const override {
    return {
        "SELECT c.oid, c.conrelid, c.conname, c.contype, c.convalidated, c.coninhcount > 0, "
        "c.conparentid, p.conrelid, c.conindid, pg_catalog.pg_get_constraintdef(c.oid), "
        "CASE WHEN i.reloptions IS NOT NULL THEN " +
        options_sql("i.reloptions") +
        " END "
        "FROM pg_catalog.pg_constraint c "
        "JOIN pg_catalog.pg_class r ON r.oid = c.conrelid AND r.relpersistence <> 't' "
        "LEFT JOIN pg_catalog.pg_constraint p ON c.conparentid <> 0 AND p.oid = c.conparentid "
        "LEFT JOIN pg_catalog.pg_class i ON i.oid = c.conindid AND c.contype IN ('p', 'u', 'x') "
        "WHERE c.conrelid >= 16384 AND c.contype IN ('p', 'u', 'c', 'x', 'f') "
        // Keys, unique constraints, checks, exclusions, foreign keys: as people write them.
        "ORDER BY c.conrelid, pg_catalog.strpos('pucxf', c.contype::text), c.conname"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    each_by_relation(rows, relation_oid, catalog,
                     [&](const Row& row, const Fact& table) { read_constraint(row, table, catalog); });
  }

  std::optional<Steps> change(const SchemaChange& change) const override { return constraint_change(change); }

 private:
  static void read_constraint(const Row& row, const Fact& table, Catalog& catalog) {
    const Address address{in::constraint, row.oid(oid), 0};
    // A foreign key to a partitioned table has one of its own for each partition.
    if (row.oid(above) != 0 && row[above_relation] == row[relation_oid])
      return catalog.alias(address, {in::constraint, row.oid(above), 0});
    const bool foreign = row.code(type) == 'f';
    Fact fact;
    fact.name = {"constraint", table.name.identity + '.' + quoted(row[name])};
    fact.parent = table.name;
    fact.schema = table.schema;
    fact.object = row[name];
    fact.definition = row[definition];
    fact.part = !foreign && row.flag(validated);
    set(fact, "table", table.name.identity);
    set(fact, "type", std::string(type_word(row.code(type))));
    if (row.flag(inherited)) set(fact, "inherited", "table");
    set(fact, "options", std::string(row[options]));
    const Relation* relation = catalog.relation(row.oid(relation_oid));
    set(fact, "partitioned", relation != nullptr && relation->kind == 'p');
    const std::string target = "CONSTRAINT " + quoted(row[name]) + " ON " + table.name.identity;
    if (!foreign && row.oid(index) != 0) catalog.alias({in::relation, row.oid(index), 0}, address);
    if (row.oid(above) != 0) catalog.depend(address, {in::constraint, row.oid(above), 0});
    catalog.add(address, std::move(fact), target);
  }
};

}  // namespace

const Kind& constraints() {
  static const Constraints kind;
  return kind;
}

}  // namespace flux::postgres::schema
