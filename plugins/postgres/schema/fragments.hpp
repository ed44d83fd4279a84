// Pieces of catalog queries that several kinds need.
#pragma once

#include <string>

namespace flux::postgres::schema {

// Storage parameters (a text[] like reloptions) as they stand in WITH (...), sorted; NULL where there are none.
inline std::string options_sql(const std::string& array, const std::string& prefix = "") {
  return "(SELECT pg_catalog.string_agg(" + (prefix.empty() ? std::string() : "'" + prefix + "' || ") +
         "CASE WHEN o ~ '^[a-z0-9_.]+=(-?[0-9.]+|[a-z_]+)$' THEN o ELSE pg_catalog.split_part(o, '=', 1) || '=' || "
         "pg_catalog.quote_literal(pg_catalog.substr(o, pg_catalog.strpos(o, '=') + 1)) END, ', ' ORDER BY o) "
         "FROM pg_catalog.unnest(" +
         array + ") o)";
}

}  // namespace flux::postgres::schema
