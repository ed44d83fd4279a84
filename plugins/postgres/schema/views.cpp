#include "views.hpp"

#include "fragments.hpp"
#include "options.hpp"
#include "sql_name.hpp"
#include "steps.hpp"
#include "type_change.hpp"

namespace flux::postgres::schema {
namespace {

std::string views_query() {
  return "SELECT c.oid, c.relkind, pg_catalog.pg_get_viewdef(c.oid), " + options_sql("c.reloptions") +
         ", nullif(m.amname, 'heap'), (SELECT r.oid FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid "
         "AND r.rulename = '_RETURN'), (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname) || ' ' || "
         "pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a "
         "WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) "
         "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
         "LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam "
         "WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384 ORDER BY n.nspname, c.relname";
}

std::string view_columns_query(int version) {
  const std::string compression = version >= 140000 ? "a.attcompression" : "''";
  return "SELECT a.attrelid, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) || "
         "coalesce(' COLLATE ' || pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(co.collname), "
         "''), "
         "d.oid, pg_catalog.pg_get_expr(d.adbin, d.adrelid), CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END, "
         "CASE WHEN c.relkind = 'm' AND a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' "
         "WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END, "
         "CASE " +
         compression +
         " WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END, "
         "CASE WHEN a.attoptions IS NOT NULL THEN " +
         options_sql(
             "(SELECT pg_catalog.array_agg(v) FROM pg_catalog.unnest(a.attoptions) v WHERE v !~ '^pg_attver=')") +
         " END "
         "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
         "JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
         "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
         "LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation AND a.attcollation <> t.typcollation "
         "LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace "
         "WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('v', 'm') "
         "ORDER BY a.attrelid, a.attnum";
}

// The query alone.
std::string trimmed(std::string_view query) {
  const std::size_t first = query.find_first_not_of(" \n");
  const std::size_t last = query.find_last_not_of("; \n");
  return first == std::string_view::npos ? std::string() : std::string(query.substr(first, last - first + 1));
}

bool is_materialized(const Fact& view) { return view.name.kind == "materialized view"; }

// What ALTER, COMMENT ON and DROP call it.
const char* type_of(const Fact& view) { return is_materialized(view) ? "MATERIALIZED VIEW" : "VIEW"; }
std::string target_of(const Fact& view) { return std::string(type_of(view)) + ' ' + view.name.identity; }

std::string create(const Fact& view, const std::string& how) {
  std::string sql = how + target_of(view);
  if (const std::string method(view.property("method")); !method.empty()) sql += " USING " + quoted(method);
  if (const std::string options(view.property("options")); !options.empty()) sql += " WITH (" + options + ')';
  return sql + " AS\n" + view.definition;
}

// What a column has beyond its type, from that of `from`; null: it is new.
void append_settings(const Fact* from, const Fact& to, Steps& steps) {
  const auto old = [&](const char* name) { return from == nullptr ? std::string_view() : from->property(name); };
  const std::string alter = "ALTER " + std::string(to.property("view")) + " ALTER COLUMN " + quoted(to.object) + ' ';
  const auto differs = [&](const char* name) { return old(name) != to.property(name); };
  const auto now = [&](const char* name) { return std::string(to.property(name)); };
  if (differs("default"))
    steps.push_back(step(alter + (now("default").empty() ? "DROP DEFAULT" : "SET DEFAULT " + now("default"))));
  if (differs("statistics"))
    steps.push_back(step(alter + "SET STATISTICS " + (now("statistics").empty() ? "-1" : now("statistics"))));
  if (differs("storage")) {
    const std::string type = to.definition.substr(0, to.definition.find(" COLLATE "));
    steps.push_back(step(alter + "SET STORAGE " + (now("storage").empty() ? usual_storage(type) : now("storage"))));
  }
  if (differs("compression"))
    steps.push_back(step(alter + "SET COMPRESSION " + (now("compression").empty() ? "default" : now("compression"))));
  const OptionChange options = option_change(old("options"), to.property("options"));
  if (!options.set.empty()) steps.push_back(step(alter + "SET (" + options.set + ')'));
  if (!options.reset.empty()) steps.push_back(step(alter + "RESET (" + options.reset + ')'));
}

const Fact* named(const std::vector<const Fact*>& parts, const FactRef& name) {
  for (const Fact* part : parts)
    if (part->name == name) return part;
  return nullptr;
}

Steps make(const SchemaChange& change) {
  const Fact& view = *change.to;
  Steps out{step(create(view, "CREATE "))};
  if (is_materialized(view)) {
    out[0].hazards = FLUX_HAZARD_SCAN;
    out[0].remark = "the rows of " + view.name.identity + " are computed";
  }
  for (const Fact* part : change.to_parts) append_settings(nullptr, *part, out);
  return out;
}

Steps drop(const Fact& view) {
  return {step("DROP " + target_of(view), FLUX_HAZARD_BREAKS_CLIENTS,
               is_materialized(view) ? "the computed rows of " + view.name.identity + " are gone"
                                     : "the view " + view.name.identity + " is gone")};
}

// A view may gain columns behind those that it has; all else of its columns stays.
bool may_be_replaced(const Fact& from, const Fact& to) {
  const std::string before(from.property("columns")), after(to.property("columns"));
  return before == after || after.rfind(before + ", ", 0) == 0;
}

std::optional<Steps> alter(const SchemaChange& change) {
  const Fact &from = *change.from, &to = *change.to;
  Steps out;
  const bool other_query = from.definition != to.definition || from.property("columns") != to.property("columns");
  if (is_materialized(to)) {
    if (other_query) return std::nullopt;
    if (from.property("method") != to.property("method"))
      out.push_back(step("ALTER " + target_of(to) + " SET ACCESS METHOD " +
                             (to.property("method").empty() ? "heap" : quoted(to.property("method"))),
                         FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK,
                         "every row of " + to.name.identity + " is written again, under an ACCESS EXCLUSIVE lock"));
  } else if (other_query) {
    if (!may_be_replaced(from, to)) return std::nullopt;
    out.push_back(step(create(to, "CREATE OR REPLACE ")));
  }
  if (!other_query) {
    const OptionChange options = option_change(from.property("options"), to.property("options"));
    if (!options.set.empty()) out.push_back(step("ALTER " + target_of(to) + " SET (" + options.set + ')'));
    if (!options.reset.empty()) out.push_back(step("ALTER " + target_of(to) + " RESET (" + options.reset + ')'));
  }
  if (change.with_parts)
    for (const Fact* part : change.to_parts) append_settings(named(change.from_parts, part->name), *part, out);
  return out;
}

std::optional<Steps> change_column(const SchemaChange& change) {
  if (change.rename)
    return Steps{step("ALTER " + std::string(change.from->property("view")) + " RENAME COLUMN " +
                          quoted(change.from->object) + " TO " + quoted(change.to->object),
                      FLUX_HAZARD_BREAKS_CLIENTS, "who uses the old name of " + change.to->name.identity + " fails")};
  if (change.from == nullptr || change.to == nullptr || change.from->definition != change.to->definition)
    return std::nullopt;
  Steps out;
  append_settings(change.from, *change.to, out);
  return out;
}

class Views : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"view", "materialized view", "view column", "materialized view column"}; }
  std::vector<std::string> queries(int version) const override { return {views_query(), view_columns_query(version)}; }

  void read(std::size_t which, const Rows& rows, Catalog& catalog) const override {
    if (which == 0)
      for (const Row row : rows) read_view(row, catalog);
    else
      for (const Row row : rows) read_column(row, catalog);
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& fact = change.from != nullptr ? *change.from : *change.to;
    if (fact.part) return change_column(change);
    if (change.rename) return renamed(type_of(fact), fact, *change.to);
    if (change.from == nullptr) return make(change);
    if (change.to == nullptr) return drop(fact);
    return alter(change);
  }

 private:
  static void read_view(const Row& row, Catalog& catalog) {
    const Relation* relation = catalog.relation(row.oid(0));
    if (relation == nullptr) return;
    const Address address{in::relation, row.oid(0), 0};
    catalog.alias({in::rewrite, row.oid(5), 0}, address);
    Fact fact;
    fact.name = {row.code(1) == 'm' ? "materialized view" : "view", relation->identity()};
    fact.schema = relation->schema;
    fact.object = relation->name;
    fact.definition = trimmed(row[2]);
    set(fact, "columns", std::string(row[6]));
    set(fact, "options", std::string(row[3]));
    set(fact, "method", std::string(row[4]));
    std::string target = target_of(fact);
    catalog.add(address, std::move(fact), std::move(target));
  }

  static void read_column(const Row& row, Catalog& catalog) {
    const Address view_address{in::relation, row.oid(0), 0}, address{in::relation, row.oid(0), row.number(1)};
    const Catalog::Entry* view = catalog.at(view_address);
    if (view == nullptr) return;
    Fact fact;
    fact.name = {view->fact.name.kind + " column", view->fact.name.identity + '.' + quoted(row[2])};
    fact.parent = view->fact.name;
    fact.schema = view->fact.schema;
    fact.object = row[2];
    fact.part = true;
    fact.definition = row[3];
    set(fact, "view", view->target);
    set(fact, "default", std::string(row[5]));
    set(fact, "statistics", std::string(row[6]));
    set(fact, "storage", std::string(row[7]));
    set(fact, "compression", std::string(row[8]));
    set(fact, "options", std::string(row[9]));
    if (!row.null(4)) catalog.alias({in::attrdef, row.oid(4), 0}, address);
    std::string target = "COLUMN " + fact.name.identity;
    catalog.add(address, std::move(fact), std::move(target));
  }
};

}  // namespace

const Kind& views() {
  static const Views kind;
  return kind;
}

}  // namespace flux::postgres::schema
