#include "ranges.hpp"

#include "sql_name.hpp"
#include "steps.hpp"
#include "type_rebuild.hpp"

namespace flux::postgres::schema {
namespace {

constexpr int multirange_since = 140000;

std::string create(const Fact& range) {
  return "CREATE TYPE " + range.name.identity + " AS RANGE (\n  " + range.definition + "\n)";
}

std::string column_type(const Fact& column, const std::string& type) {
  const std::string name = quoted(column.object);
  return "ALTER TABLE " + std::string(column.property("table")) + " ALTER COLUMN " + name + " TYPE " + type +
         " USING " + name + "::" + type;
}

// The functions that make its values keep the name of the old one, so that it must go before the new one is made:
// columns are text meanwhile.
Steps rebuilt(const SchemaChange& change) {
  Steps out, back;
  for (const Fact* column : change.dependents) {
    if (!changes_over(*column)) continue;
    const std::string written =
        "every row of " + std::string(column->property("table")) + " is written again, under an ACCESS EXCLUSIVE lock";
    out.push_back(step(column_type(*column, "text"), FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK, written));
    back.push_back(step(column_type(*column, std::string(column->property("type"))),
                        FLUX_HAZARD_REWRITE | FLUX_HAZARD_LOCK | FLUX_HAZARD_MAY_FAIL,
                        written + "; fails where a bound does not fit"));
  }
  out.push_back(step("DROP TYPE " + change.from->name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                     change.to->name.identity + " is made anew"));
  out.front().rebuilds_dependents = true;
  out.push_back(step(create(*change.to)));
  out.insert(out.end(), back.begin(), back.end());
  for (const Fact* comment : change.dependents)
    if (comment->name.kind == "comment" && comment->parent == change.from->name)
      out.push_back(step("COMMENT ON TYPE " + change.to->name.identity + " IS " + comment->definition));
  return out;
}

class Ranges : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"range"}; }

  std::vector<std::string> queries(int version) const override {
    const bool multirange = version >= multirange_since;
    return {
        std::string(
            "SELECT t.oid, t.typnamespace, t.typname, pg_catalog.format_type(r.rngsubtype, NULL), "
            "CASE WHEN NOT oc.opcdefault THEN (SELECT nspname FROM pg_catalog.pg_namespace WHERE oid = "
            "oc.opcnamespace) END, oc.opcname, cn.nspname, co.collname, "
            "nullif(r.rngcanonical::oid, 0)::pg_catalog.regproc, nullif(r.rngsubdiff::oid, 0)::pg_catalog.regproc, ") +
        (multirange ? "m.oid, m.typname, mn.nspname" : "NULL, NULL, NULL") +
        " FROM pg_catalog.pg_range r JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid "
        "JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype "
        "JOIN pg_catalog.pg_opclass oc ON oc.oid = r.rngsubopc "
        "LEFT JOIN pg_catalog.pg_collation co ON co.oid = r.rngcollation AND r.rngcollation <> s.typcollation "
        "LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace " +
        (multirange ? "LEFT JOIN pg_catalog.pg_type m ON m.oid = r.rngmultitypid "
                      "LEFT JOIN pg_catalog.pg_namespace mn ON mn.oid = m.typnamespace "
                    : "") +
        "WHERE t.oid >= 16384 ORDER BY n.nspname, t.typname"};
  }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Address address{in::type, row.oid(0), 0};
      const std::string* schema = catalog.schema(row.oid(1));
      if (schema == nullptr || !catalog.owned(address)) continue;
      Fact fact;
      fact.name = {"range", qualified(*schema, row[2])};
      fact.schema = *schema;
      fact.object = row[2];
      fact.definition = "SUBTYPE = " + std::string(row[3]);
      const auto add = [&](const char* word, const std::string& value) {
        fact.definition += std::string(",\n  ") + word + " = " + value;
      };
      if (!row.null(4)) add("SUBTYPE_OPCLASS", qualified(row[4], row[5]));
      if (!row.null(7)) add("COLLATION", qualified(row[6], row[7]));
      if (!row.null(8)) add("CANONICAL", std::string(row[8]));
      if (!row.null(9)) add("SUBTYPE_DIFF", std::string(row[9]));
      if (!row.null(11)) {
        add("MULTIRANGE_TYPE_NAME", qualified(row[12], row[11]));
        set(fact, "multirange", std::string(row[11]));
        catalog.alias({in::type, row.oid(10), 0}, address);
      }
      const std::string target = "TYPE " + fact.name.identity;
      catalog.add(address, std::move(fact), target);
    }
  }

  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename) return renamed("TYPE", *change.from, *change.to);
    if (change.from == nullptr) return Steps{step(create(*change.to))};
    if (change.to == nullptr)
      return Steps{step("DROP TYPE " + change.from->name.identity, FLUX_HAZARD_BREAKS_CLIENTS,
                        "the type " + change.from->name.identity + " is gone")};
    return rebuilt(change);
  }
};

}  // namespace

const Kind& ranges() {
  static const Ranges kind;
  return kind;
}

}  // namespace flux::postgres::schema
