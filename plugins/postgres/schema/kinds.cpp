// The registry: every kind of fact of this backend.
#include <algorithm>

#include "aggregates.hpp"
#include "collations.hpp"
#include "columns.hpp"
#include "comments.hpp"
#include "composites.hpp"
#include "constraints.hpp"
#include "domains.hpp"
#include "enums.hpp"
#include "event_triggers.hpp"
#include "extensions.hpp"
#include "foreign_servers.hpp"
#include "foreign_tables.hpp"
#include "functions.hpp"
#include "grants.hpp"
#include "indexes.hpp"
#include "kind.hpp"
#include "owners.hpp"
#include "policies.hpp"
#include "publications.hpp"
#include "ranges.hpp"
#include "rules.hpp"
#include "schemas.hpp"
#include "sequences.hpp"
#include "statistics.hpp"
#include "table_marks.hpp"
#include "tables.hpp"
#include "triggers.hpp"
#include "unmodelled.hpp"
#include "views.hpp"

namespace flux::postgres::schema {

// What needs others comes behind them where it can: ties in the order of changes are broken by it. So bodies of
// functions are made when there are tables and views, and an event trigger fires for little that is made along with it.
const std::vector<const Kind*>& kinds() {
  static const std::vector<const Kind*> all = {&schemas(),
                                               &extensions(),
                                               &collations(),
                                               &enums(),
                                               &domains(),
                                               &ranges(),
                                               &composites(),
                                               &sequences(),
                                               &foreign_servers(),
                                               &tables(),
                                               &foreign_tables(),
                                               &columns(),
                                               &sequence_ownerships(),
                                               &foreign_column_options(),
                                               &constraints(),
                                               &views(),
                                               &functions(),
                                               &aggregates(),
                                               &indexes(),
                                               &table_marks(),
                                               &statistics(),
                                               &triggers(),
                                               &rules(),
                                               &policies(),
                                               &publications(),
                                               &event_triggers(),
                                               &unmodelled(),
                                               &comments(),
                                               &owners(),
                                               &grants(),
                                               &default_grants()};
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
