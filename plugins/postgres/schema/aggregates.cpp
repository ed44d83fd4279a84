#include "aggregates.hpp"

#include "sql_name.hpp"
#include "steps.hpp"

namespace flux::postgres::schema {
namespace {

// A line for each option; those that are as they usually are, are NULL. Functions and operators are named by the
// server, who knows which names are not to be mistaken.
constexpr const char* aggregates_query =
    "SELECT p.oid, p.pronamespace, p.proname, pg_catalog.oidvectortypes(p.proargtypes), "
    "pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid), "
    "pg_catalog.concat_ws(E',\\n  ', 'SFUNC = ' || a.aggtransfn::pg_catalog.regproc, "
    "'STYPE = ' || pg_catalog.format_type(a.aggtranstype, NULL), 'SSPACE = ' || nullif(a.aggtransspace, 0), "
    "'FINALFUNC = ' || CASE WHEN a.aggfinalfn <> 0 THEN a.aggfinalfn END::pg_catalog.regproc, "
    "CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END, "
    "CASE WHEN a.aggfinalfn <> 0 AND a.aggfinalmodify <> CASE WHEN a.aggkind = 'n' THEN 'r'::\"char\" ELSE 'w' END "
    "THEN "
    "'FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' "
    "ELSE 'READ_WRITE' END END, "
    "'COMBINEFUNC = ' || CASE WHEN a.aggcombinefn <> 0 THEN a.aggcombinefn END::pg_catalog.regproc, "
    "'SERIALFUNC = ' || CASE WHEN a.aggserialfn <> 0 THEN a.aggserialfn END::pg_catalog.regproc, "
    "'DESERIALFUNC = ' || CASE WHEN a.aggdeserialfn <> 0 THEN a.aggdeserialfn END::pg_catalog.regproc, "
    "'INITCOND = ' || pg_catalog.quote_literal(a.agginitval), "
    "'MSFUNC = ' || CASE WHEN a.aggmtransfn <> 0 THEN a.aggmtransfn END::pg_catalog.regproc, "
    "'MINVFUNC = ' || CASE WHEN a.aggminvtransfn <> 0 THEN a.aggminvtransfn END::pg_catalog.regproc, "
    "'MSTYPE = ' || pg_catalog.format_type(nullif(a.aggmtranstype, 0), NULL), "
    "'MSSPACE = ' || nullif(a.aggmtransspace, 0), "
    "'MFINALFUNC = ' || CASE WHEN a.aggmfinalfn <> 0 THEN a.aggmfinalfn END::pg_catalog.regproc, "
    "CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END, "
    "CASE WHEN a.aggmfinalfn <> 0 AND a.aggmfinalmodify <> CASE WHEN a.aggkind = 'n' THEN 'r'::\"char\" ELSE 'w' END "
    "THEN "
    "'MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' "
    "ELSE 'READ_WRITE' END END, "
    "'MINITCOND = ' || pg_catalog.quote_literal(a.aggminitval), "
    "(SELECT 'SORTOP = OPERATOR(' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname || ')' "
    "FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid = "
    "a.aggsortop), "
    "CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END, "
    "CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END) "
    "FROM pg_catalog.pg_aggregate a JOIN pg_catalog.pg_proc p ON p.oid = a.aggfnoid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
    "WHERE p.oid >= 16384 ORDER BY n.nspname, p.proname, 4";

std::string signature_of(const Fact& aggregate) {
  return qualified(*aggregate.schema, aggregate.object) + '(' + std::string(aggregate.property("arguments")) + ')';
}

Steps make(const Fact& aggregate, const std::string& how) {
  return {step(how + "AGGREGATE " + signature_of(aggregate) + " (\n  " + aggregate.definition + "\n)")};
}

class Aggregates : public Kind {
 public:
  std::vector<std::string_view> names() const override { return {"aggregate"}; }
  std::vector<std::string> queries(int) const override { return {aggregates_query}; }

  void read(std::size_t, const Rows& rows, Catalog& catalog) const override {
    for (const Row row : rows) {
      const Address address{in::proc, row.oid(0), 0};
      const std::string* schema = catalog.schema(row.oid(1));
      if (schema == nullptr || !catalog.owned(address)) continue;
      Fact fact;
      fact.name = {"aggregate", qualified(*schema, row[2]) + '(' + (row[3].empty() ? "*" : std::string(row[3])) + ')'};
      fact.schema = *schema;
      fact.object = row[2];
      fact.definition = row[6];
      set(fact, "arguments", std::string(row[4].empty() ? "*" : row[4]));
      set(fact, "returns", std::string(row[5]));
      std::string target = "AGGREGATE " + signature_of(fact);
      catalog.add(address, std::move(fact), std::move(target));
    }
  }

  // Its kind cannot change in place, which its arguments show but for the word HYPOTHETICAL.
  std::optional<Steps> change(const SchemaChange& change) const override {
    if (change.rename)
      return Steps{step("ALTER AGGREGATE " + signature_of(*change.from) + " RENAME TO " + quoted(change.to->object),
                        FLUX_HAZARD_BREAKS_CLIENTS, "who calls " + change.from->name.identity + " fails")};
    if (change.from == nullptr) return make(*change.to, "CREATE ");
    if (change.to == nullptr)
      return Steps{step("DROP AGGREGATE " + signature_of(*change.from), FLUX_HAZARD_BREAKS_CLIENTS,
                        "who calls " + change.from->name.identity + " fails")};
    const auto hypothetical = [](const Fact& fact) {
      return fact.definition.find("\n  HYPOTHETICAL") != std::string::npos;
    };
    for (const char* name : {"arguments", "returns"})
      if (change.from->property(name) != change.to->property(name)) return std::nullopt;
    if (hypothetical(*change.from) != hypothetical(*change.to)) return std::nullopt;
    return make(*change.to, "CREATE OR REPLACE ");
  }
};

}  // namespace

const Kind& aggregates() {
  static const Aggregates kind;
  return kind;
}

}  // namespace flux::postgres::schema
