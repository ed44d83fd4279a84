#include "extensions.hpp"

#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

class Extensions : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"extension"}; }

  std::vector<std::string> queries(int) const override {
    return {
        "SELECT e.oid, e.extname, e.extnamespace, e.extrelocatable FROM pg_catalog.pg_extension e "
        "WHERE e.extname <> 'plpgsql' ORDER BY e.extname"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      Fact fact;
      fact.name = {"extension", quoted(row[1])};
      fact.object = row[1];
      const std::string schema = catalog.any_schema(row.oid(2));
      set(fact, "schema", quoted(schema));
      set(fact, "relocatable", row.flag(3));
      const Address address{in::extension, row.oid(0), 0};
      catalog.depend(address, {in::name_space, row.oid(2), 0});
      std::string target = "EXTENSION " + fact.name.identity;
      catalog.add(address, std::move(fact), std::move(target));
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename) return std::nullopt;
    const Fact& extension = change.to != nullptr ? *change.to : *change.from;
    const std::string schema(extension.property("schema"));
    if (change.from == nullptr)
      return Steps{step("CREATE EXTENSION " + extension.name.identity + " WITH SCHEMA " + schema)};
    if (change.to == nullptr)
      return Steps{step("DROP EXTENSION " + extension.name.identity, FLUX_HAZARD_BREAKS_CLIENTS | FLUX_HAZARD_DATA_LOSS,
                        "all that the extension " + extension.name.identity + " has made is lost")};
    if (change.from->property("schema") == schema) return Steps{};
    if (extension.property("relocatable").empty()) return std::nullopt;
    return Steps{step("ALTER EXTENSION " + extension.name.identity + " SET SCHEMA " + schema,
                      FLUX_HAZARD_BREAKS_CLIENTS,
                      "who uses the old names of what the extension " + extension.name.identity + " has made fails")};
  }
};

}  // namespace

const Kind& extensions() {
  static const Extensions kind;
  return kind;
}

}  // namespace flux::postgres::schema
