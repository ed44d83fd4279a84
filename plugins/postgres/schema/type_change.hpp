// What it takes to change the type of a column.
#pragma once

#include <string>
#include <string_view>

namespace flux::postgres::schema {

struct TypeChange {
  std::string cast;       // what stands behind the column in USING, where there is no cast on assignment: "::integer"
  bool rewrites = true;   // every row is written again
  bool may_fail = false;  // depends on the values
  bool loses = false;     // what the new type cannot hold goes without an error
};

// Types as format_type() writes them. Of types that it does not know it assumes the worst.
TypeChange type_change(std::string_view from, std::string_view to);

// The storage that columns of a built-in type have: "EXTENDED".
const char* usual_storage(std::string_view type);

// Does a default call what may be volatile, so that a new column with it has every row written?
bool may_be_volatile(std::string_view expression);

}  // namespace flux::postgres::schema
