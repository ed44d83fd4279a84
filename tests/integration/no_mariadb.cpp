// For builds without the backend mariadb.
#include "database.hpp"

namespace flux::testing {

std::unique_ptr<Database> new_mariadb_if_built() { return nullptr; }

}  // namespace flux::testing
