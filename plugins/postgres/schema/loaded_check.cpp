#include "loaded_check.hpp"

namespace flux::postgres::schema {
namespace {

// Bodies that are kept parsed were looked into when they were made, and those of triggers need their tables' rows.
constexpr const char* functions_query = R"(
SELECT p.oid, pg_catalog.format('%I.%I', v.nspname, w.proname), p.prokind,
       pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid))
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  JOIN pg_catalog.pg_proc w ON w.oid = l.lanvalidator JOIN pg_catalog.pg_namespace v ON v.oid = w.pronamespace
 WHERE p.oid >= 16384 AND p.prokind IN ('f', 'p', 'w')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                   AND d.objid = p.oid AND d.deptype = 'e')
 ORDER BY 4)";

}  // namespace

std::vector<std::pair<FactRef, std::string>> check_functions(Connection& connection) {
  std::vector<std::pair<FactRef, std::string>> out;
  const Result functions = connection.run(functions_query);
  connection.run("SET check_function_bodies = on");
  for (int i = 0; i < PQntuples(functions.get()); ++i) {
    const auto value = [&](int column) { return std::string(PQgetvalue(functions.get(), i, column)); };
    try {
      connection.run("SELECT " + value(1) + '(' + value(0) + ')');
    } catch (const BackendError& e) {
      if (e.code() != FLUX_E_FAILED) throw;
      out.push_back({{value(2) == "p" ? "procedure" : "function", value(3)}, e.what()});
    }
  }
  connection.run("SET check_function_bodies = off");
  return out;
}

}  // namespace flux::postgres::schema
