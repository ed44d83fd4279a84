#include "publications.hpp"

#include "options.hpp"
#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

constexpr int filters_since = 150000, generated_since = 180000;

std::string publications_query(int version) {
  const std::string generated =
      version >= generated_since ? ", CASE WHEN p.pubgencols = 's' THEN 'publish_generated_columns=stored' END" : "";
  return "SELECT p.oid, p.pubname, p.puballtables, pg_catalog.concat_ws(', ', CASE WHEN NOT (p.pubinsert AND "
         "p.pubupdate AND p.pubdelete AND p.pubtruncate) THEN 'publish=' || pg_catalog.quote_literal("
         "pg_catalog.concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END, "
         "CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)) END, "
         "CASE WHEN p.pubviaroot THEN 'publish_via_partition_root=true' END" +
         generated + ") FROM pg_catalog.pg_publication p ORDER BY p.pubname";
}

std::string tables_query(int version) {
  const std::string filters = version >= filters_since
                                  ? "(SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY "
                                    "a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.prrelid AND "
                                    "a.attnum = ANY (r.prattrs)), pg_catalog.pg_get_expr(r.prqual, r.prrelid)"
                                  : "NULL, NULL";
  return "SELECT r.oid, r.prpubid, r.prrelid, " + filters +
         " FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid "
         "JOIN pg_catalog.pg_class c ON c.oid = r.prrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
         "ORDER BY p.pubname, n.nspname, c.relname";
}

constexpr const char* schemas_query =
    "SELECT s.oid, s.pnpubid, s.pnnspid FROM pg_catalog.pg_publication_namespace s "
    "JOIN pg_catalog.pg_publication p ON p.oid = s.pnpubid JOIN pg_catalog.pg_namespace n ON n.oid = s.pnnspid "
    "ORDER BY p.pubname, n.nspname";

std::string text(const Fact& fact, const char* name) { return std::string(fact.property(name)); }

// What an option is that is not said.
std::string usual(std::string reset) {
  const std::pair<const char*, const char*> values[] = {
      {"publish_via_partition_root", "publish_via_partition_root=false"},
      {"publish_generated_columns", "publish_generated_columns=none"}};
  for (const auto& [name, value] : values)
    if (const std::size_t at = reset.find(name); at != std::string::npos)
      reset.replace(at, std::string(name).size(), value);
  if (reset == "publish" || reset.rfind("publish,", 0) == 0)
    reset.replace(0, 7, "publish='insert, update, delete, truncate'");
  return reset;
}

std::optional<Steps> change_publication(const SchemaChange& change) {
  const Fact& to = change.to != nullptr ? *change.to : *change.from;
  if (change.rename) return renamed("PUBLICATION", *change.from, to);
  const std::string name = "PUBLICATION " + to.name.identity, options = text(to, "options");
  if (change.to == nullptr)
    return Steps{step("DROP " + name, FLUX_HAZARD_BREAKS_CLIENTS, "who subscribes to " + to.name.identity + " fails")};
  if (change.from == nullptr)
    return Steps{step("CREATE " + name + (text(to, "all_tables").empty() ? "" : " FOR ALL TABLES") +
                      (options.empty() ? "" : " WITH (" + options + ')'))};
  if (text(*change.from, "all_tables") != text(to, "all_tables")) return std::nullopt;
  const OptionChange differing = option_change(text(*change.from, "options"), options);
  Steps out;
  for (const std::string& list : {differing.set, usual(differing.reset)})
    if (!list.empty())
      out.push_back(step("ALTER " + name + " SET (" + list + ')', FLUX_HAZARD_BREAKS_CLIENTS,
                         "subscribers to " + to.name.identity + " get other changes"));
  return out;
}

// What is published is added and dropped.
std::optional<Steps> change_member(const SchemaChange& change) {
  if (change.rename || (change.from != nullptr && change.to != nullptr)) return std::nullopt;
  const Fact& member = change.to != nullptr ? *change.to : *change.from;
  const bool is_table = member.name.kind == "published table";
  std::string what = is_table ? "TABLE " : "TABLES IN SCHEMA ";
  if (is_table && change.to != nullptr) what += "ONLY ";
  what += is_table ? text(member, "table") : quoted(member.object);
  const std::string alter = "ALTER PUBLICATION " + text(member, "publication");
  if (change.to == nullptr)
    return Steps{step(alter + " DROP " + what, FLUX_HAZARD_BREAKS_CLIENTS,
                      "subscribers to " + text(member, "publication") + " do not get " + member.name.identity)};
  if (const std::string columns = text(member, "columns"); !columns.empty()) what += " (" + columns + ')';
  if (const std::string rows = text(member, "where"); !rows.empty()) what += " WHERE (" + rows + ')';
  return Steps{step(alter + " ADD " + what)};
}

class Publications : public Kind {
 public:
  std::vector<std::string_view> names() const override {
    return {"publication", "published table", "published schema"};
  }

  std::vector<std::string> queries(int version) const override {
    std::vector<std::string> out{publications_query(version), tables_query(version)};
    if (version >= filters_since) out.emplace_back(schemas_query);
    return out;
  }

  void read(std::size_t which, const Rows& rows, Catalog& catalog) const override {
    constexpr void (*readers[])(const Row&, Catalog&) = {read_publication, read_table, read_schema};
    for (const Row row : rows) readers[which](row, catalog);
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& fact = change.to != nullptr ? *change.to : *change.from;
    return fact.name.kind == "publication" ? change_publication(change) : change_member(change);
  }

 private:
  static void read_publication(const Row& row, Catalog& catalog) {
    const Address address{in::publication, row.oid(0), 0};
    if (!catalog.owned(address)) return;
    Fact fact;
    fact.name = {"publication", quoted(row[1])};
    fact.object = row[1];
    set(fact, "all_tables", row.flag(2));
    set(fact, "options", std::string(row[3]));
    std::string target = "PUBLICATION " + fact.name.identity;
    catalog.add(address, std::move(fact), std::move(target));
  }

  static Fact member_of(const Fact& publication, const char* kind, const std::string& what) {
    Fact fact;
    fact.name = {kind, publication.name.identity + ": " + what};
    fact.parent = publication.name;
    set(fact, "publication", publication.name.identity);
    return fact;
  }

  static void read_table(const Row& row, Catalog& catalog) {
    const Catalog::Entry* publication = catalog.at({in::publication, row.oid(1), 0});
    const Relation* table = catalog.relation(row.oid(2));
    if (publication == nullptr || table == nullptr) return;
    Fact fact = member_of(publication->fact, "published table", table->identity());
    fact.schema = table->schema;
    fact.object = table->name;
    set(fact, "table", table->identity());
    set(fact, "columns", std::string(row[3]));
    set(fact, "where", std::string(row[4]));
    catalog.add({in::publication_relation, row.oid(0), 0}, std::move(fact));
  }

  static void read_schema(const Row& row, Catalog& catalog) {
    const Catalog::Entry* publication = catalog.at({in::publication, row.oid(1), 0});
    const std::string* schema = catalog.schema(row.oid(2));
    if (publication == nullptr || schema == nullptr) return;
    const Address address{in::publication_schema, row.oid(0), 0};
    Fact fact = member_of(publication->fact, "published schema", quoted(*schema));
    fact.object = *schema;
    catalog.depend(address, {in::name_space, row.oid(2), 0});
    catalog.add(address, std::move(fact));
  }
};

}  // namespace

const Kind& publications() {
  static const Publications kind;
  return kind;
}

}  // namespace flux::postgres::schema
