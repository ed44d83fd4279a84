#include "owners.hpp"

#include <algorithm>

#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

constexpr int database_owner_since = 150000;

// Indexes, types of tables, arrays and the like have the owner of what they belong to, as sequences of columns have.
std::string owners_query(int version) {
  const std::string public_owner = version >= database_owner_since ? "6171" : "10";
  std::string sql;
  const auto add = [&](const char* catalog, const char* prefix, const std::string& where) {
    sql += std::string(sql.empty() ? "" : "UNION ALL ") + "SELECT 'pg_catalog." + catalog +
           "'::pg_catalog.regclass::oid, o.oid, o." + prefix + "owner, NULL::oid FROM pg_catalog." + catalog +
           " o WHERE o.oid >= 16384 AND o." + prefix + "owner <> db.datdba" + where + ' ';
  };
  add("pg_class", "rel",
      " AND o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT (o.relkind = 'S' AND EXISTS (SELECT FROM "
      "pg_catalog.pg_depend d WHERE d.classid = 1259 AND d.objid = o.oid AND d.refclassid = 1259 "
      "AND d.deptype IN ('a', 'i')))");
  add("pg_proc", "pro", "");
  add("pg_type", "typ", " AND o.typtype IN ('e', 'd', 'r', 'c')");
  add("pg_namespace", "nsp", " AND o.nspname <> 'public'");
  add("pg_collation", "coll", "");
  add("pg_statistic_ext", "stx", "");
  add("pg_event_trigger", "evt", "");
  add("pg_foreign_data_wrapper", "fdw", "");
  add("pg_foreign_server", "srv", "");
  add("pg_publication", "pub", "");
  return "SELECT owned.*, pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(owned.role)), "
         "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(owned.usual)) "
         "FROM pg_catalog.pg_database db CROSS JOIN LATERAL (" +
         sql + "UNION ALL SELECT 2615, o.oid, o.nspowner, " + public_owner +
         " FROM pg_catalog.pg_namespace o WHERE o.nspname = 'public' AND o.nspowner <> " + public_owner +
         ") AS owned (class, object, role, usual) WHERE db.datname = pg_catalog.current_database()";
}

// The role that owns the database is only known there.
std::string give_back(const Fact& owner) {
  const std::string alter = "ALTER " + std::string(owner.property("of")) + " OWNER TO ";
  if (const std::string usual(owner.property("usual")); !usual.empty()) return alter + usual;
  std::string format;
  for (const char c : alter) format += c == '%' ? std::string("%%") : std::string(1, c);
  return "DO $flux$BEGIN EXECUTE pg_catalog.format(" + literal(format + "%I") +
         ", (SELECT pg_catalog.pg_get_userbyid(datdba) FROM pg_catalog.pg_database "
         "WHERE datname = pg_catalog.current_database())); END$flux$";
}

class Owners : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"owner"}; }
  std::vector<std::string> queries(int version) const override { return {owners_query(version)}; }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    std::vector<Fact> found;
    for (const Row row : rows) {
      const Catalog::Entry* about = catalog.at({row.oid(0), row.oid(1), 0});
      if (about == nullptr || about->target.empty()) continue;
      Fact fact;
      fact.name = owner_of(about->fact);
      fact.parent = about->fact.name;
      fact.schema = about->fact.schema;
      set(fact, "of", about->target);
      set(fact, "role", std::string(row[4]));
      set(fact, "usual", std::string(row[5]));
      fact.dependencies.push_back({about->fact.name, stays_with(about->fact)});
      found.push_back(std::move(fact));
    }
    std::sort(found.begin(), found.end(), [](const Fact& a, const Fact& b) { return a.name < b.name; });
    for (Fact& fact : found) catalog.add({}, std::move(fact));
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename) return Steps{};
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    if (change.to == nullptr) return Steps{step(give_back(fact))};
    return Steps{step("ALTER " + std::string(fact.property("of")) + " OWNER TO " + std::string(fact.property("role")))};
  }
};

}  // namespace

const Kind& owners() {
  static const Owners kind;
  return kind;
}

FactRef owner_of(const Fact& fact) { return {"owner", fact.name.kind + ' ' + fact.name.identity}; }

bool stays_with(const Fact& about) {
  const std::string& kind = about.name.kind;
  return kind != "enum" && kind != "domain" && kind != "range" && kind != "composite type" && kind != "collation";
}

}  // namespace flux::postgres::schema
