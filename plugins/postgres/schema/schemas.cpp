#include "schemas.hpp"

#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

class Schemas : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"schema"}; }

  std::vector<std::string> queries(int) const override {
    return {"SELECT oid, nspname FROM pg_catalog.pg_namespace ORDER BY nspname COLLATE \"C\""};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Address address{in::name_space, row.oid(0), 0};
      const std::string* name = catalog.schema(row.oid(0));
      if (name == nullptr || !catalog.owned(address)) continue;
      Fact fact;
      fact.name = {"schema", quoted(*name)};
      fact.object = *name;
      catalog.add(address, std::move(fact), "SCHEMA " + quoted(*name));
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename) return renamed("SCHEMA", *change.from, *change.to);
    if (change.from == nullptr) {
      // Every new database has it already.
      const bool there = change.to->object == "public";
      return Steps{step((there ? "CREATE SCHEMA IF NOT EXISTS " : "CREATE SCHEMA ") + change.to->name.identity)};
    }
    if (change.to == nullptr)
      return Steps{step("DROP SCHEMA " + change.from->name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                        "the schema " + change.from->name.identity + " is gone")};
    return Steps{};
  }
};

}  // namespace

const Kind& schemas() {
  static const Schemas kind;
  return kind;
}

}  // namespace flux::postgres::schema
