#include "statistics.hpp"

#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

constexpr const char* statistics_query =
    "SELECT s.oid, s.stxnamespace, s.stxname, s.stxrelid, pg_catalog.pg_get_statisticsobjdef(s.oid), "
    "CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END, k.in_place, k.by_name "
    "FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace "
    "CROSS JOIN LATERAL (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum), "
    "pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = s.stxrelid AND a.attnum = ANY (s.stxkeys::pg_catalog.int2[])) AS k (in_place, by_name) "
    "ORDER BY n.nspname, s.stxname";

// The server has the columns in the order in which the table has them.
std::string definition_of(const Row& row) {
  std::string out(row[4]);
  const std::string columns = " ON " + std::string(row[6]);
  const std::size_t at = row.null(6) ? std::string::npos : out.find(columns);
  if (at != std::string::npos) out.replace(at, columns.size(), " ON " + std::string(row[7]));
  return out;
}

SchemaStep aim(const Fact& statistics) {
  const std::string target(statistics.property("target"));
  return step("ALTER STATISTICS " + statistics.name.identity + " SET STATISTICS " + (target.empty() ? "-1" : target));
}

class Statistics : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"statistics"}; }
  std::vector<std::string> queries(int) const override { return {statistics_query}; }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Address address{in::statistic, row.oid(0), 0};
      const std::string* schema = catalog.schema(row.oid(1));
      const Catalog::Entry* table = catalog.at({in::relation, row.oid(3), 0});
      if (schema == nullptr || table == nullptr || !catalog.owned(address)) continue;
      Fact fact;
      fact.name = {"statistics", qualified(*schema, row[2])};
      fact.parent = table->fact.name;
      fact.schema = *schema;
      fact.object = row[2];
      fact.definition = definition_of(row);
      set(fact, "target", std::string(row[5]));
      catalog.depend(address, {in::name_space, row.oid(1), 0});
      std::string target = "STATISTICS " + fact.name.identity;
      catalog.add(address, std::move(fact), std::move(target));
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& statistics = change.to != nullptr ? *change.to : *change.from;
    if (change.rename)
      return Steps{step("ALTER STATISTICS " + change.from->name.identity + " RENAME TO " + quoted(statistics.object))};
    if (change.to == nullptr) return Steps{step("DROP STATISTICS " + statistics.name.identity)};
    if (change.from != nullptr && change.from->definition != statistics.definition) return std::nullopt;
    Steps out;
    if (change.from == nullptr) out.push_back(step(statistics.definition));
    if (change.from != nullptr || !statistics.property("target").empty()) out.push_back(aim(statistics));
    return out;
  }
};

}  // namespace

const Kind& statistics() {
  static const Statistics kind;
  return kind;
}

}  // namespace flux::postgres::schema
