// The registry: every kind of fact of this backend.
#include <algorithm>

#include "kind.hpp"
#include "schemas.hpp"

namespace flux::postgres::schema {

const std::vector<const Kind*>& kinds() {
  static const std::vector<const Kind*> all = {&schemas()};
  return all;
}

const Kind* kind_named(std::string_view name) {
  for (const Kind* kind : kinds()) {
    const std::vector<std::string_view> names = kind->names();
    if (std::find(names.begin(), names.end(), name) != names.end()) return kind;
  }
  return nullptr;
}

}  // namespace flux::postgres::schema
