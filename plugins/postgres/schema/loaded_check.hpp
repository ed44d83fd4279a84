// What could not be looked into while it was loaded: the bodies of functions.
#pragma once

#include <flux/fact.hpp>
#include <string>
#include <utility>
#include <vector>

#include "../connection.hpp"

namespace flux::postgres::schema {

// Has the validator of each function's language look into it. Throws as Connection does.
std::vector<std::pair<FactRef, std::string>> check_functions(Connection& connection);

}  // namespace flux::postgres::schema
