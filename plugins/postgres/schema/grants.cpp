#include "grants.hpp"

#include <set>
#include <tuple>

#include "owners.hpp"
#include "privileges.hpp"
#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

enum Column { catalog_oid, object_oid, part, privilege, grantable, usual, role, grantor };

// Everything that has a list of its own. `type` is what acldefault() calls it.
class Query {
 public:
  explicit Query(int version) : version_(version) {
    add("pg_class", "rel", "CASE o.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\"", "o.relacl", "o.oid >= 16384");
    add("pg_proc", "pro", "'f'", "o.proacl", "o.oid >= 16384");
    add("pg_type", "typ", "'T'", "o.typacl", "o.oid >= 16384");
    add("pg_foreign_data_wrapper", "fdw", "'F'", "o.fdwacl", "o.oid >= 16384");
    add("pg_foreign_server", "srv", "'S'", "o.srvacl", "o.oid >= 16384");
    add("pg_namespace", "nsp", "'n'", "o.nspacl", "o.oid >= 16384 AND o.nspname <> 'public'");
    add("pg_namespace", "nsp", "'n'", "coalesce(o.nspacl, pg_catalog.acldefault('n', o.nspowner))",
        "o.nspname = 'public'", public_schema());
    add_columns();
  }

  // The names of roles are found for all at once; that of the owner who owns the database, too, is not said.
  std::string text() const {
    return "SELECT a.class, a.object, a.part, a.privilege, a.grantable AND a.grantee <> a.owner, a.usual, "
           "CASE WHEN a.grantee = 0 THEN 'PUBLIC' WHEN a.grantee = a.owner AND a.owner = db.datdba THEN 'CURRENT_USER' "
           "ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END, "
           "CASE WHEN a.grantor <> a.owner THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantor)) END "
           "FROM pg_catalog.pg_database db CROSS JOIN LATERAL (" +
           sql_ +
           ") AS a (class, object, part, owner, grantor, grantee, privilege, grantable, usual) "
           "WHERE db.datname = pg_catalog.current_database()";
  }

 private:
  // What everybody may do in the schema "public" of a new database.
  std::string public_schema() const {
    return std::string(" UNION ALL SELECT o.nspowner, 0, p, false, true FROM pg_catalog.unnest('{USAGE") +
           (version_ >= 150000 ? "" : ",CREATE") + "}'::text[]) p";
  }

  void append(const std::string& select) { sql_ += (sql_.empty() ? "" : " UNION ALL ") + select; }

  void add(const std::string& catalog, const std::string& prefix, const std::string& type, const std::string& list,
           const std::string& where, const std::string& more = "") {
    append("SELECT 'pg_catalog." + catalog + "'::pg_catalog.regclass::oid, o.oid, 0, o." + prefix +
           "owner, x.* FROM pg_catalog." + catalog +
           " o CROSS JOIN LATERAL (SELECT e.*, false FROM pg_catalog.aclexplode(" + list +
           ") e UNION ALL SELECT e.*, true FROM pg_catalog.aclexplode(pg_catalog.acldefault(" + type + ", o." + prefix +
           "owner)) e" + more + ") x WHERE " + list + " IS NOT NULL AND " + where);
  }

  void add_columns() {
    append(
        "SELECT 1259, c.oid, o.attnum, c.relowner, x.*, false FROM pg_catalog.pg_attribute o "
        "JOIN pg_catalog.pg_class c ON c.oid = o.attrelid CROSS JOIN LATERAL pg_catalog.aclexplode(o.attacl) x "
        "WHERE o.attrelid >= 16384 AND o.attacl IS NOT NULL AND NOT o.attisdropped");
  }

  int version_;
  std::string sql_;
};

constexpr const char* identity_sequences_query =
    "SELECT objid, refobjid, refobjsubid FROM pg_catalog.pg_depend "
    "WHERE classid = 1259 AND refclassid = 1259 AND deptype = 'i' AND refobjsubid > 0";

// What GRANT calls what a fact is about.
std::string grant_target(const Fact& about) {
  const std::string &kind = about.name.kind, &identity = about.name.identity;
  if (kind == "schema") return "SCHEMA " + identity;
  if (kind == "sequence") return "SEQUENCE " + identity;
  if (kind == "function") return "FUNCTION " + identity;
  if (kind == "procedure") return "PROCEDURE " + identity;
  if (kind == "aggregate") {
    const std::size_t star = identity.find("(*)");
    return "FUNCTION " + (star == std::string::npos ? identity : identity.substr(0, star) + "()");
  }
  if (kind == "foreign data wrapper") return "FOREIGN DATA WRAPPER " + identity;
  if (kind == "server") return "FOREIGN SERVER " + identity;
  if (kind == "enum" || kind == "domain" || kind == "range" || kind == "composite type") return "TYPE " + identity;
  if (about.part) return "TABLE " + about.parent->identity;
  return "TABLE " + identity;
}

// One role's privileges on one object, by one grantor.
struct Key {
  const Catalog::Entry* about;
  std::string target, role, grantor;
  bool operator<(const Key& other) const {
    return std::tie(about->fact.name, target, role, grantor) <
           std::tie(other.about->fact.name, other.target, other.role, other.grantor);
  }
};

class Grants : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"grant", "revoke"}; }
  std::vector<std::string> queries(int version) const override {
    return {identity_sequences_query, Query(version).text()};
  }

  void read(std::size_t which, const Rows& rows, Catalog& catalog) const override {
    if (which == 0) {
      for (const Row row : rows)
        catalog.alias({in::relation, row.oid(0), 0}, {in::relation, row.oid(1), row.number(2)});
      return;
    }
    std::map<Key, Holding> holdings;
    for (const Row row : rows)
      if (const auto key = key_of(row, catalog)) holdings[*key].add(row, privilege, grantable, usual);
    std::set<FactRef> owners;
    for (const Catalog::Entry& entry : catalog.entries())
      if (entry.fact.name.kind == "owner") owners.insert(entry.fact.name);
    for (const auto& [key, holding] : holdings) {
      const auto [plain, passed] = holding.granted();
      if (!plain.empty() || !passed.empty()) add(key, "grant", plain, passed, owners, catalog);
      if (const std::string lacking = holding.revoked(); !lacking.empty() && key.grantor.empty())
        add(key, "revoke", lacking, "", owners, catalog);
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename) return std::nullopt;
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    return privilege_steps(change.from, change.to, fact.name.kind == "revoke");
  }

 private:
  static std::optional<Key> key_of(const Row& row, const Catalog& catalog) {
    const Address address{row.oid(catalog_oid), row.oid(object_oid), row.number(part)};
    const Catalog::Entry* about = catalog.at(address);
    std::string target;
    if (about != nullptr) {
      target = grant_target(about->fact);
    } else {
      // The sequence of an identity column belongs to that.
      const Relation* sequence = address.catalog == in::relation ? catalog.relation(address.object) : nullptr;
      if (sequence == nullptr || sequence->kind != 'S') return std::nullopt;
      about = catalog.find(address);
      if (about == nullptr) return std::nullopt;
      target = "SEQUENCE " + sequence->identity();
    }
    return Key{about, std::move(target), std::string(row[role]), std::string(row[grantor])};
  }

  static void add(const Key& key, const char* kind, const std::string& plain, const std::string& passed,
                  const std::set<FactRef>& owners, Catalog& catalog) {
    const Fact& about = key.about->fact;
    const bool is_column = about.part && key.target[0] == 'T';
    const std::string columns = is_column ? " (" + quoted(about.object) + ')' : "";
    Fact fact;
    fact.name = {kind, key.target + columns + (std::string_view(kind) == "grant" ? " TO " : " FROM ") + key.role};
    if (!key.grantor.empty()) fact.name.identity += " BY " + key.grantor;
    fact.parent = about.name;
    fact.schema = about.schema;
    fact.unmodelled = !key.grantor.empty();
    set(fact, "on", key.target);
    set(fact, "columns", columns);
    set(fact, "role", key.role);
    set(fact, "privileges", plain);
    set(fact, "grantable", passed);
    fact.dependencies.push_back({about.name, stays_with(about)});
    const Fact& owned = about.part ? parent_of(key, catalog) : about;
    if (const FactRef owner = owner_of(owned); owners.count(owner) != 0) fact.dependencies.push_back({owner, true});
    catalog.add({}, std::move(fact));
  }

  static const Fact& parent_of(const Key& key, const Catalog& catalog) {
    return catalog.at({in::relation, key.about->address.object, 0})->fact;
  }
};

const char* objects_word(char type) {
  switch (type) {
    case 'r':
      return "TABLES";
    case 'S':
      return "SEQUENCES";
    case 'f':
      return "FUNCTIONS";
    case 'T':
      return "TYPES";
    case 'L':
      return "LARGE OBJECTS";
    default:
      return "SCHEMAS";
  }
}

// In a schema they come on top of those of everywhere, which replace the usual ones.
constexpr const char* default_grants_query =
    "SELECT CASE WHEN d.defaclrole <> db.datdba THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.defaclrole)) "
    "END, "
    "n.oid, d.defaclobjtype, x.privilege_type, x.is_grantable AND x.grantee <> d.defaclrole, x.usual, "
    "CASE WHEN x.grantee = 0 THEN 'PUBLIC' WHEN x.grantee = d.defaclrole AND d.defaclrole = db.datdba THEN "
    "'CURRENT_USER' "
    "ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(x.grantee)) END "
    "FROM pg_catalog.pg_default_acl d JOIN pg_catalog.pg_database db ON db.datname = pg_catalog.current_database() "
    "LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace CROSS JOIN LATERAL ("
    "SELECT e.*, false AS usual FROM pg_catalog.aclexplode(d.defaclacl) e UNION ALL SELECT e.*, true "
    "FROM pg_catalog.aclexplode(pg_catalog.acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END"
    "::\"char\", d.defaclrole)) e WHERE d.defaclnamespace = 0) x";

class DefaultGrants : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"default grant", "default revoke"}; }
  std::vector<std::string> queries(int) const override { return {default_grants_query}; }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    // By schema, what stands before GRANT, the objects and the role.
    std::map<std::tuple<std::string, std::string, std::string, std::string>, Holding> holdings;
    for (const Row row : rows) {
      const std::string* schema = row.null(1) ? nullptr : catalog.schema(row.oid(1));
      if (!row.null(1) && schema == nullptr) continue;
      std::string where = row.null(0) ? "" : "FOR ROLE " + std::string(row[0]) + ' ';
      if (schema != nullptr) where += "IN SCHEMA " + quoted(*schema) + ' ';
      holdings[{schema == nullptr ? "" : *schema, where, objects_word(row.code(2)), std::string(row[6])}].add(row, 3, 4,
                                                                                                              5);
    }
    for (const auto& [key, holding] : holdings) {
      const auto& [schema, where, objects, role] = key;
      const auto [plain, passed] = holding.granted();
      Fact fact;
      if (!schema.empty()) fact.schema = schema;
      fact.object = objects;
      set(fact, "before", "ALTER DEFAULT PRIVILEGES " + where);
      set(fact, "on", objects);
      set(fact, "role", role);
      if (!plain.empty() || !passed.empty())
        add(fact, "default grant", where + "ON " + objects + " TO " + role, plain, passed, catalog);
      if (const std::string lacking = holding.revoked(); !lacking.empty())
        add(fact, "default revoke", where + "ON " + objects + " FROM " + role, lacking, "", catalog);
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename) return std::nullopt;
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    return privilege_steps(change.from, change.to, fact.name.kind == "default revoke");
  }

 private:
  static void add(Fact fact, const char* kind, std::string identity, const std::string& plain,
                  const std::string& passed, Catalog& catalog) {
    fact.name = {kind, std::move(identity)};
    set(fact, "privileges", plain);
    set(fact, "grantable", passed);
    catalog.add({}, std::move(fact));
  }
};

}  // namespace

const Kind& grants() {
  static const Grants kind;
  return kind;
}

const Kind& default_grants() {
  static const DefaultGrants kind;
  return kind;
}

}  // namespace flux::postgres::schema
