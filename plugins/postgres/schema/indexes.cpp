#include "indexes.hpp"

#include "fragments.hpp"
#include "index_change.hpp"
#include "options.hpp"
#include "plain_index.hpp"
#include "sql_name.hpp"

namespace flux::postgres::schema {
namespace {

enum Column { oid, relation_oid, definition, valid, partitioned, partition, options, statistics, unique, keys, orders };

// The server has them in the order in which they were set.
void sort_options(std::string& definition, std::string_view options) {
  if (options.empty()) return;
  const auto [begin, end] = options_in(definition);
  definition.replace(begin, end - begin, "WITH (" + std::string(options) + ')');
}

class Indexes : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"index"}; }

  // No definition: the index is plain. Those of the tables behind the tables (TOAST) are nobody's.
  std::vector<std::string> queries(int version) const override {
    return {
        "SELECT i.indexrelid, i.indrelid, CASE WHEN " + is_plain_index_sql(version) +
        " THEN NULL ELSE pg_catalog.pg_get_indexdef(i.indexrelid) END, i.indisvalid, "
        "c.relkind = 'I', c.relispartition, CASE WHEN c.reloptions IS NOT NULL THEN " +
        options_sql("c.reloptions") +
        " END, CASE WHEN i.indexprs IS NOT NULL THEN (SELECT pg_catalog.string_agg(a.attnum || '=' || a.attstattarget, "
        "', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0) "
        "END, "
        "i.indisunique, i.indkey, i.indoption "
        "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
        "JOIN pg_catalog.pg_class t ON t.oid = i.indrelid AND t.relkind <> 't' "
        "WHERE i.indexrelid >= 16384 AND i.indrelid >= 16384 AND c.relpersistence <> 't' "
        "AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid "
        "AND k.contype IN ('p', 'u', 'x')) ORDER BY i.indrelid, c.relname"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    each_by_relation(rows, relation_oid, catalog,
                     [&](const Row& row, const Fact& table) { read_index(row, table, catalog); });
  }

  std::optional<Steps> change(const SchemaChange& change) const override { return index_change(change); }

 private:
  static void read_index(const Row& row, const Fact& table, Catalog& catalog) {
    const Relation* relation = catalog.relation(row.oid(oid));
    if (relation == nullptr) return;
    const Address address{in::relation, row.oid(oid), 0};
    Fact fact;
    fact.name = {"index", relation->identity()};
    fact.parent = table.name;
    fact.schema = relation->schema;
    fact.object = relation->name;
    fact.definition = row[definition];
    if (row.null(definition))
      fact.definition =
          plain_index(*relation, row.flag(unique), row.oid(relation_oid), row[keys], row[orders], catalog);
    fact.unmodelled = !row.flag(valid) && row.flag(partitioned);
    // That of a partitioned table is made for its partitions, too.
    if (const std::size_t only = fact.definition.find(" ON ONLY "); row.flag(partitioned) && only != std::string::npos)
      fact.definition.erase(only + 4, 5);
    sort_options(fact.definition, row[options]);
    set(fact, "table", table.name.identity);
    set(fact, "partitioned", row.flag(partitioned));
    // That of a partitioned table only says that a partition has none.
    set(fact, "invalid", !row.flag(valid) && !row.flag(partitioned));
    set(fact, "options", std::string(row[options]));
    set(fact, "statistics", std::string(row[statistics]));
    if (row.flag(partition)) {
      set(fact, "inherited", "table");
      for (const Oid parent : catalog.parents(row.oid(oid))) catalog.depend(address, {in::relation, parent, 0});
    }
    catalog.add(address, std::move(fact), "INDEX " + relation->identity());
  }
};

}  // namespace

const Kind& indexes() {
  static const Indexes kind;
  return kind;
}

}  // namespace flux::postgres::schema
