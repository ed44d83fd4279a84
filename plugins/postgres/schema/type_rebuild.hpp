// A type that cannot be altered is made anew, and the columns that have it change over.
#pragma once

#include <functional>
#include <string>

#include "kind.hpp"

namespace flux::postgres::schema {

// How the values of a column change over.
struct Conversion {
  std::string cast;      // what stands behind the column in USING; empty: the cast on assignment
  unsigned hazards = 0;  // besides those of writing every row again
  std::string remark{};  // what they are about
};
// The one for a column, whose type is as its property says.
using ConversionOf = std::function<Conversion(const std::string& type)>;

// The old type (`word`: "TYPE", "DOMAIN") gets another name, `create` makes the new one, each column among the
// dependents becomes of that, the old one is dropped; comments are set again. Throws FLUX_E_FAILED where a table is
// partitioned by one of the columns.
Steps rebuilt_type(const SchemaChange& change, const std::string& word, const std::string& create,
                   const ConversionOf& conversion);

// Sets the comment of what was made anew again.
void comment_again(const SchemaChange& change, const std::string& word, Steps& steps);

// The name that the old one has meanwhile, not quoted.
std::string set_aside(const std::string& name);

// Is it a column of its own, which must be altered? Inherited ones go with those above, generated ones are made again.
bool changes_over(const Fact& dependent);

}  // namespace flux::postgres::schema
