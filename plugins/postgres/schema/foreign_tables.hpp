// CREATE FOREIGN TABLE, but for what it is made of.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kind "foreign table", and "column options", which belong to its columns and have their identity. Properties:
//   server     where its rows are
//   options    as OPTIONS (...) takes them; of a column, too
//   inherits, partition_of, bound   as tables have them
//   table      of the options of a column
const Kind& foreign_tables();

// To be read behind the columns.
const Kind& foreign_column_options();

}  // namespace flux::postgres::schema
