// What many kinds say in the same words.
#pragma once

#include <string>
#include <string_view>

#include "kind.hpp"

namespace flux::postgres::schema {

inline SchemaStep step(std::string sql, unsigned hazards = 0, std::string remark = {}) {
  return SchemaStep{std::move(sql), hazards, std::move(remark)};
}

// ALTER TARGET RENAME TO the name of `to`: what most kinds say. `target` is the old one: "SCHEMA a".
inline Steps renamed(const std::string& target, const Fact& to, const std::string& quoted_name) {
  return {step("ALTER " + target + " RENAME TO " + quoted_name, FLUX_HAZARD_BREAKS_CLIENTS,
               "who uses the old name of " + to.name.identity + " fails")};
}

}  // namespace flux::postgres::schema
