// An order of facts in which the bodies of functions can be checked as they are made.
#pragma once

#include <deque>
#include <vector>

#include "catalog.hpp"

namespace flux::postgres::schema {

// The facts in their order, but a routine comes behind those whose names its text holds, and behind those that the tables
// and views which it names need. The server does not know such needs, and checks bodies nevertheless; dependencies
// would have routines made again whenever what they name is. In circles the order stays.
std::vector<const Fact*> in_body_order(const std::deque<Catalog::Entry>& entries);

}  // namespace flux::postgres::schema
