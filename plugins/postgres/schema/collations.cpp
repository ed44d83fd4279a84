#include "collations.hpp"

#include "sql_name.hpp"
#include "steps.hpp"
#include "type_rebuild.hpp"

namespace flux::postgres::schema {
namespace {

constexpr int icu_rules_since = 160000, icu_column_since = 150000, locale_renamed = 170000;

std::string collations_query(int version) {
  // Where the locale of ICU has no column of its own, it is that of LC_COLLATE.
  const std::string locale = version >= locale_renamed     ? "c.colllocale"
                             : version >= icu_column_since ? "c.colliculocale"
                                                           : "CASE WHEN c.collprovider = 'i' THEN c.collcollate END";
  const std::string rules = version >= icu_rules_since ? "c.collicurules" : "NULL::text";
  return "SELECT c.oid, c.collnamespace, c.collname, pg_catalog.concat_ws(', ', CASE c.collprovider "
         "WHEN 'i' THEN 'provider = icu' WHEN 'b' THEN 'provider = builtin' WHEN 'c' THEN 'provider = libc' END, "
         "'locale = ' || pg_catalog.quote_literal(" +
         locale +
         "), "
         "CASE WHEN c.collprovider = 'c' THEN 'lc_collate = ' || pg_catalog.quote_literal(c.collcollate) END, "
         "CASE WHEN c.collprovider = 'c' THEN 'lc_ctype = ' || pg_catalog.quote_literal(c.collctype) END, "
         "CASE WHEN NOT c.collisdeterministic THEN 'deterministic = false' END, "
         "'rules = ' || pg_catalog.quote_literal(" +
         rules +
         ")) "
         "FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace "
         "WHERE c.oid >= 16384 ORDER BY n.nspname, c.collname";
}

std::string create(const Fact& collation) {
  return "CREATE COLLATION " + collation.name.identity + " (" + collation.definition + ')';
}

// A collation cannot be altered, and its columns hold rows: the new one is made beside it, and they are altered to it.
std::optional<Steps> replace(const SchemaChange& change) {
  const Fact &from = *change.from, &to = *change.to;
  const std::string aside = quoted(set_aside(from.object));
  Steps out{step("ALTER COLLATION " + from.name.identity + " RENAME TO " + aside)};
  out[0].rebuilds_dependents = true;
  out.push_back(step(create(to)));
  for (const Fact* column : change.dependents) {
    if (column->name.kind != "column" || !column->property("inherited").empty()) continue;
    const std::string table(column->property("table"));
    out.push_back(step("ALTER TABLE " + table + " ALTER COLUMN " + quoted(column->object) + " TYPE " +
                           std::string(column->property("type")) + " COLLATE " + to.name.identity,
                       FLUX_HAZARD_LOCK | FLUX_HAZARD_SCAN | FLUX_HAZARD_MAY_FAIL,
                       "the indexes of " + column->name.identity +
                           " are built anew, under an ACCESS EXCLUSIVE lock; "
                           "fails where two values that were not equal are now, and must not be"));
  }
  out.push_back(step("DROP COLLATION " + quoted(*from.schema) + '.' + aside));
  comment_again(change, "COLLATION", out);
  return out;
}

class Collations : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"collation"}; }
  std::vector<std::string> queries(int version) const override { return {collations_query(version)}; }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Address address{in::collation, row.oid(0), 0};
      const std::string* schema = catalog.schema(row.oid(1));
      if (schema == nullptr || !catalog.owned(address)) continue;
      Fact fact;
      fact.name = {"collation", qualified(*schema, row[2])};
      fact.schema = *schema;
      fact.object = row[2];
      fact.definition = row[3];
      std::string target = "COLLATION " + fact.name.identity;
      catalog.add(address, std::move(fact), std::move(target));
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    const Fact& collation = change.to != nullptr ? *change.to : *change.from;
    if (change.rename) return renamed("COLLATION", *change.from, collation);
    if (change.from == nullptr) return Steps{step(create(collation))};
    if (change.to == nullptr)
      return Steps{step("DROP COLLATION " + collation.name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                        "the collation " + collation.name.identity + " is gone")};
    return replace(change);
  }
};

}  // namespace

const Kind& collations() {
  static const Collations kind;
  return kind;
}

}  // namespace flux::postgres::schema
