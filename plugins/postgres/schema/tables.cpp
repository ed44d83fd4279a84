#include "tables.hpp"

#include "fragments.hpp"
#include "sql_name.hpp"
#include "table_change.hpp"

namespace flux::postgres::schema {
namespace {

std::string row_security(bool enabled, bool forced) {
  if (enabled && forced) return "enabled, forced";
  return enabled ? "enabled" : forced ? "forced" : "";
}

std::string joined(std::string_view a, std::string_view b) {
  return std::string(a) + (a.empty() || b.empty() ? "" : ", ") + std::string(b);
}

class Tables : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"table"}; }

  std::vector<std::string> queries(int) const override {
    return {
        "SELECT c.oid, c.relpersistence, c.relispartition, " + options_sql("c.reloptions") + ", " +
        options_sql("t.reloptions", "toast.") +
        ", nullif(m.amname, 'heap'), CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END, "
        "CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END, "
        "CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END, "
        "c.relrowsecurity, c.relforcerowsecurity "
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid AND t.reloptions IS NOT NULL "
        "LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam "
        "WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.oid >= 16384 ORDER BY n.nspname, c.relname"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Relation* relation = catalog.relation(row.oid(0));
      if (relation == nullptr) continue;
      Fact fact;
      fact.name = {"table", relation->identity()};
      fact.schema = relation->schema;
      fact.object = relation->name;
      // A partitioned table holds nothing, and cannot be altered so.
      set(fact, "unlogged", row.code(1) == 'u' && row.null(6));
      std::string parents;
      for (const Oid parent : catalog.parents(row.oid(0)))
        if (const Relation* known = catalog.relation(parent)) parents = joined(parents, known->identity());
      set(fact, row.flag(2) ? "partition_of" : "inherits", parents);
      set(fact, "bound", std::string(row[7]));
      set(fact, "options", joined(row[3], row[4]));
      set(fact, "method", std::string(row[5]));
      set(fact, "partition_by", std::string(row[6]));
      set(fact, "of", std::string(row[8]));
      set(fact, "row_security", row_security(row.flag(9), row.flag(10)));
      catalog.add({in::relation, row.oid(0), 0}, std::move(fact), "TABLE " + relation->identity());
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override { return table_change(change); }
};

}  // namespace

const Kind& tables() {
  static const Tables kind;
  return kind;
}

}  // namespace flux::postgres::schema
