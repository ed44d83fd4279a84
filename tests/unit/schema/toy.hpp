// Schemas of a database that there is not: whatever is asked of it is a word.
#pragma once

#include <flux/core/schema/change_plan.hpp>
#include <set>
#include <string>
#include <vector>

namespace flux::testing {

// "table a", its parts and all else by short words; see toy_schema.
struct ToyFact {
  std::string name;                          // "table a"
  std::string parent = {};                   // "table a"
  std::vector<std::string> needs = {};       // "table b"; "~table b": survives its alteration
  bool part = false;
  std::string definition = {};
};

Schema toy_schema(const std::vector<ToyFact>& facts);

// What the toy database can do.
struct ToyDatabase {
  std::set<std::string> fixed = {};        // facts that cannot be altered in place
  std::set<std::string> inseparable = {};  // parts that cannot be made or dropped alone
  std::set<std::string> rebuilding = {};   // facts whose alteration rebuilds what depends on them
  ChangeFunction change() const;
};

// The statements: "drop table a", "alter table b", "make table c(column x)".
std::vector<std::string> toy_plan(const Schema& from, const Schema& to, const ToyDatabase& database = {});

}  // namespace flux::testing
