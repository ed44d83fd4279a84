#include "unmodelled.hpp"

namespace flux::postgres::schema {
namespace {

constexpr int subscription_oid_since = 140000;

struct Source {
  Oid catalog;
  const char* name;
  const char* condition;
};
constexpr Source sources[] = {
    {in::operator_, "pg_operator", ""},
    {in::opclass, "pg_opclass", ""},
    {in::opfamily, "pg_opfamily", ""},
    {in::cast, "pg_cast", ""},
    {in::conversion, "pg_conversion", ""},
    {in::language, "pg_language", ""},
    {in::transform, "pg_transform", ""},
    {in::access_method, "pg_am", ""},
    {in::ts_configuration, "pg_ts_config", ""},
    {in::ts_dictionary, "pg_ts_dict", ""},
    {in::ts_parser, "pg_ts_parser", ""},
    {in::ts_template, "pg_ts_template", ""},
    {in::type, "pg_type",
     " AND typtype IN ('b', 'p') AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = o.oid)"},
};

class Unmodelled : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {}; }

  std::vector<std::string> queries(int version) const override {
    std::string objects;
    for (const Source& source : sources)
      objects += (objects.empty() ? "" : " UNION ALL ") + std::string("SELECT ") + std::to_string(source.catalog) +
                 " AS catalog, oid AS object, 0 AS part, '' AS provider FROM pg_catalog." + source.name +
                 " o WHERE oid >= 16384" + source.condition;
    if (version >= subscription_oid_since)
      objects +=
          " UNION ALL SELECT 6100, s.oid, 0, '' FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d "
          "ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database()";
    objects += " UNION ALL SELECT classoid, objoid, objsubid, provider FROM pg_catalog.pg_seclabel";
    return {"SELECT o.catalog, o.object, o.part, o.provider, i.type, n.oid, i.name, i.identity FROM (" + objects +
            ") o CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.catalog::pg_catalog.oid, o.object, o.part) i "
            "LEFT JOIN pg_catalog.pg_namespace n ON pg_catalog.quote_ident(n.nspname) = i.schema "
            "ORDER BY i.type COLLATE \"C\", i.identity COLLATE \"C\", o.provider"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Address address{row.oid(0), row.oid(1), 0};
      const std::string* schema = row.null(5) ? nullptr : catalog.schema(row.oid(5));
      if (!catalog.owned(address) || (!row.null(5) && schema == nullptr)) continue;
      const bool is_label = !row[3].empty();
      Fact fact;
      fact.name = {std::string(row[4]), std::string(row[7])};
      if (is_label)
        fact.name = {"security label", std::string(row[3]) + " on " + fact.name.kind + ' ' + fact.name.identity};
      if (schema != nullptr) fact.schema = *schema;
      fact.object = row.null(6) ? fact.name.identity : std::string(row[6]);
      fact.unmodelled = true;
      catalog.add(is_label ? Address() : address, std::move(fact));
    }
  }

  std::optional<Steps> change(const SchemaChange&) const override { return std::nullopt; }
};

}  // namespace

const Kind& unmodelled() {
  static const Unmodelled kind;
  return kind;
}

}  // namespace flux::postgres::schema
