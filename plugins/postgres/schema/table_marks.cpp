#include "table_marks.hpp"

#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

enum Column { relation_oid, identity, replica_index, cluster_index };

class TableMarks : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"replica identity", "cluster mark"}; }

  std::vector<std::string> queries(int) const override {
    return {
        "SELECT c.oid, c.relreplident, i.indexrelid, NULL FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_index i "
        "ON i.indrelid = c.oid AND i.indisreplident WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p') "
        "AND c.relreplident <> 'd' UNION ALL "
        "SELECT indrelid, NULL, NULL, indexrelid FROM pg_catalog.pg_index WHERE indisclustered AND indexrelid >= "
        "16384"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Catalog::Entry* table = catalog.at({in::relation, row.oid(relation_oid), 0});
      if (table == nullptr) continue;
      if (!row.null(cluster_index)) {
        add(*table, "cluster mark", "", row.oid(cluster_index), catalog);
      } else if (row.code(identity) == 'i') {
        // Without its index it is as NOTHING.
        if (row.null(replica_index))
          add(*table, "replica identity", "NOTHING", 0, catalog);
        else
          add(*table, "replica identity", "USING INDEX ", row.oid(replica_index), catalog);
      } else {
        add(*table, "replica identity", row.code(identity) == 'f' ? "FULL" : "NOTHING", 0, catalog);
      }
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    const std::string alter = "ALTER TABLE " + fact.name.identity;
    if (fact.name.kind == "cluster mark")
      return Steps{step(alter + (change.to == nullptr ? " SET WITHOUT CLUSTER" : " CLUSTER ON " + fact.definition))};
    return Steps{step(alter + " REPLICA IDENTITY " + (change.to == nullptr ? "DEFAULT" : fact.definition))};
  }

 private:
  static void add(const Catalog::Entry& table, const char* kind, std::string definition, Oid index, Catalog& catalog) {
    Fact fact;
    fact.name = {kind, table.fact.name.identity};
    fact.parent = table.fact.name;
    fact.schema = table.fact.schema;
    fact.object = table.fact.object;
    fact.definition = std::move(definition);
    if (index != 0) {
      if (const Relation* relation = catalog.relation(index)) fact.definition += quoted(relation->name);
      if (const Catalog::Entry* on = catalog.find({in::relation, index, 0}))
        fact.dependencies.push_back({on->fact.name, false});
    }
    catalog.add({}, std::move(fact));
  }
};

}  // namespace

const Kind& table_marks() {
  static const TableMarks kind;
  return kind;
}

}  // namespace flux::postgres::schema
