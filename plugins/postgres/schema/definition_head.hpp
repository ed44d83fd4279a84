// The beginning of a statement: what it defines.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tokens.hpp"

namespace flux::postgres::schema {

struct DefinitionHead {
  bool takes_part = false;  // it may stand in a file of definitions
  std::string kind, name;   // of what it makes, as facts are named; "": nothing, or it is not known
  std::size_t behind = 0;   // the token behind the name
};

DefinitionHead definition_head(const std::vector<Token>& tokens);

// The dotted name that begins at token `i`, as it stands in an identity; moves behind it. "" where there is none.
std::string dotted_name(const std::vector<Token>& tokens, std::size_t& i);

}  // namespace flux::postgres::schema
