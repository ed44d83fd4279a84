// The registry: every kind of fact of this backend.
#include <algorithm>

#include "columns.hpp"
#include "comments.hpp"
#include "composites.hpp"
#include "constraints.hpp"
#include "domains.hpp"
#include "enums.hpp"
#include "indexes.hpp"
#include "kind.hpp"
#include "ranges.hpp"
#include "schemas.hpp"
#include "sequences.hpp"
#include "table_marks.hpp"
#include "tables.hpp"
#include "unmodelled.hpp"

namespace flux::postgres::schema {

const std::vector<const Kind*>& kinds() {
  static const std::vector<const Kind*> all = {&schemas(),     &enums(),      &domains(),
                                               &ranges(),      &composites(), &sequences(),
                                               &tables(),      &columns(),    &sequence_ownerships(),
                                               &constraints(), &indexes(),    &table_marks(),
                                               &comments(),    &unmodelled()};
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
