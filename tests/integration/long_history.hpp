// Long migration histories with all that makes scripts hard to cut into statements.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace flux::testing {

struct LongMigration {
  std::string id, up, undo;
};

std::vector<LongMigration> long_postgres_history(std::size_t count);
std::vector<LongMigration> long_sqlite_history(std::size_t count);

}  // namespace flux::testing
