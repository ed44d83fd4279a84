// A type that cannot be altered is made anew, and the columns that have it change over.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The old type (`word`: "TYPE", "DOMAIN") gets another name, `create` makes the new one, each column among the
// dependents becomes of that by way of text, the old one is dropped; comments are set again. `failing`: why a row may
// not fit; empty: every one does.
Steps rebuilt_type(const SchemaChange& change, const std::string& word, const std::string& create,
                   const std::string& failing);

// Sets the comment of what was made anew again.
void comment_again(const SchemaChange& change, const std::string& word, Steps& steps);

// The name that the old one has meanwhile, not quoted.
std::string set_aside(const std::string& name);

// Is it a column of its own, which must be altered? Inherited ones go with those above, generated ones are made again.
bool changes_over(const Fact& dependent);

}  // namespace flux::postgres::schema
