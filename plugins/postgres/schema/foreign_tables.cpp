#include "foreign_tables.hpp"

#include "foreign_options.hpp"
#include "sql_name.hpp"
#include "steps.hpp"
#include "table_change.hpp"

namespace flux::postgres::schema {
namespace {

std::string text(const Fact& fact, const char* name) { return std::string(fact.property(name)); }

std::string create(const Fact& table, const std::vector<const Fact*>& parts) {
  std::string sql = "CREATE FOREIGN TABLE " + table.name.identity;
  const std::string list = table_elements(parts);
  if (const std::string parent = text(table, "partition_of"); !parent.empty())
    sql += " PARTITION OF " + parent + (list == "()" ? "" : ' ' + list) + ' ' + text(table, "bound");
  else
    sql += ' ' + list;
  if (const std::string parents = text(table, "inherits"); !parents.empty()) sql += " INHERITS (" + parents + ')';
  return sql + " SERVER " + text(table, "server") + options_clause(text(table, "options"));
}

// Its rows are elsewhere: to make it again loses none.
std::optional<Steps> alter(const Fact& from, const Fact& to) {
  for (const char* name : {"server", "inherits", "partition_of", "bound"})
    if (from.property(name) != to.property(name)) return std::nullopt;
  const std::string options = options_clause(text(from, "options"), text(to, "options"));
  return Steps{step("ALTER FOREIGN TABLE " + to.name.identity + options)};
}

class ForeignTables : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"foreign table"}; }

  std::vector<std::string> queries(int) const override {
    return {"SELECT c.oid, s.srvname, " + foreign_options_sql("f.ftoptions") +
            ", CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END "
            "FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid "
            "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver ORDER BY n.nspname, c.relname"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Relation* relation = catalog.relation(row.oid(0));
      if (relation == nullptr) continue;
      Fact fact;
      fact.name = {"foreign table", relation->identity()};
      fact.schema = relation->schema;
      fact.object = relation->name;
      fact.unmodelled = row.flag(3);
      set(fact, "server", quoted(row[1]));
      set(fact, "options", std::string(row[2]));
      set(fact, "bound", std::string(row[4]));
      std::string parents;
      for (const Oid parent : catalog.parents(row.oid(0)))
        if (const Relation* known = catalog.relation(parent))
          parents += (parents.empty() ? "" : ", ") + known->identity();
      set(fact, row.null(4) ? "inherits" : "partition_of", parents);
      catalog.add({in::relation, row.oid(0), 0}, std::move(fact), "FOREIGN TABLE " + relation->identity());
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename) return renamed("FOREIGN TABLE", *change.from, *change.to);
    if (change.from == nullptr) {
      Steps out{step(create(*change.to, change.to_parts))};
      append_part_settings(change.to_parts, out);
      return out;
    }
    if (change.to == nullptr)
      return Steps{step("DROP FOREIGN TABLE " + change.from->name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                        "the foreign table " + change.from->name.identity + " is gone, its rows are not")};
    return alter(*change.from, *change.to);
  }
};

class ForeignColumnOptions : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"column options"}; }

  std::vector<std::string> queries(int) const override {
    return {"SELECT a.attrelid, a.attnum, " + foreign_options_sql("a.attfdwoptions") +
            " FROM pg_catalog.pg_attribute a WHERE a.attfdwoptions IS NOT NULL AND NOT a.attisdropped"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Catalog::Entry* column = catalog.at({in::relation, row.oid(0), row.number(1)});
      if (column == nullptr) continue;
      Fact fact;
      fact.name = {"column options", column->fact.name.identity};
      fact.parent = column->fact.name;
      fact.schema = column->fact.schema;
      fact.object = column->fact.object;
      fact.unmodelled = row.flag(3);
      set(fact, "table", std::string(column->fact.property("table")));
      set(fact, "options", std::string(row[2]));
      fact.dependencies.push_back({column->fact.name, true});
      catalog.add({}, std::move(fact));
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename) return Steps{};
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    const auto options = [](const Fact* side) { return side == nullptr ? std::string() : text(*side, "options"); };
    return Steps{step("ALTER FOREIGN TABLE " + text(fact, "table") + " ALTER COLUMN " + quoted(fact.object) +
                      options_clause(options(change.from), options(change.to)))};
  }
};

}  // namespace

const Kind& foreign_tables() {
  static const ForeignTables kind;
  return kind;
}

const Kind& foreign_column_options() {
  static const ForeignColumnOptions kind;
  return kind;
}

}  // namespace flux::postgres::schema
