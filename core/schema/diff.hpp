// In what two schemas differ.
#pragma once

#include <string>
#include <vector>

#include <flux/core/schema/schema.hpp>

namespace flux {

// One fact that is not the same on both sides.
struct Difference {
  const Fact* from = nullptr;  // null: only in the second schema
  const Fact* to = nullptr;    // null: only in the first one
  const Fact& fact() const noexcept { return to != nullptr ? *to : *from; }
};

// By their order in `to`, then those that are only in `from`. What belongs to a fact that is on one side alone is not
// listed besides. The pointers are into the two schemas.
std::vector<Difference> differences(const Schema& from, const Schema& to);

// A property, or else the definition, that is not the same; a side that has none is "none".
struct Detail {
  std::string name;  // of the property; empty: the definition
  std::string from, to;
};

// What is not the same. Empty where the fact is on one side alone.
std::vector<Detail> details(const Difference& difference);

}  // namespace flux
