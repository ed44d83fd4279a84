// What many kinds say in the same words.
#pragma once

#include <string>
#include <string_view>

#include "kind.hpp"
#include "sql_name.hpp"

namespace flux::postgres::schema {

inline SchemaStep step(std::string sql, unsigned hazards = 0, std::string remark = {}) {
  return SchemaStep{std::move(sql), hazards, std::move(remark)};
}

// Gives what `type` says that `from` is ("TABLE") the name of `to`, in the schema of `to`.
inline Steps renamed(const std::string& type, const Fact& from, const Fact& to) {
  const std::string remark = "who uses the old name of " + to.name.identity + " fails";
  std::string target = type + ' ' + from.name.identity;
  Steps out;
  if (from.schema && to.schema && *from.schema != *to.schema) {
    out.push_back(step("ALTER " + target + " SET SCHEMA " + quoted(*to.schema), FLUX_HAZARD_BREAKS_CLIENTS, remark));
    target = type + ' ' + qualified(*to.schema, from.object);
  }
  if (from.object != to.object)
    out.push_back(step("ALTER " + target + " RENAME TO " + quoted(to.object), FLUX_HAZARD_BREAKS_CLIENTS, remark));
  return out;
}

}  // namespace flux::postgres::schema
