#include <flux/core/migration_set.hpp>

#include <algorithm>

namespace flux {

const Migration* MigrationSet::find(std::string_view id) const {
  const auto at = std::lower_bound(migrations.begin(), migrations.end(), id,
                                   [](const Migration& m, std::string_view wanted) { return m.id < wanted; });
  return at != migrations.end() && at->id == id ? &*at : nullptr;
}

}  // namespace flux
