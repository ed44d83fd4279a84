// The options of sequences, also of those behind identity columns.
#pragma once

#include <string>
#include <string_view>

namespace flux::postgres::schema {

struct SequenceOptions {
  std::string type, start, increment, min, max, cache;  // numbers in decimal digits
  bool cycle = false;

  // What is not as CREATE SEQUENCE makes it: "START WITH 5 INCREMENT BY 2". The type is named where it is not
  // `usual_type`.
  std::string unusual(std::string_view usual_type) const;
};

// What changes options of unusual() into others, all of them named: "INCREMENT BY 1 NO CYCLE". `type` is that of the
// sequence after the change, `set` stands before each ("SET " for identity columns).
std::string reset_options(std::string_view from, std::string_view to, std::string_view type, std::string_view set);

// The name that the server gives to the sequence of a serial or identity column.
std::string usual_sequence_name(std::string_view table, std::string_view column);

}  // namespace flux::postgres::schema
