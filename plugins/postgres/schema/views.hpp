// CREATE VIEW and CREATE MATERIALIZED VIEW.
#pragma once

#include "kind.hpp"

namespace flux::postgres::schema {

// The kinds "view" and "materialized view", whose definition is the query, and "view column", part of one of them, whose
// definition is its type; "materialized view column" likewise. Properties of a view:
//   columns    their names and types in their order
//   options    security_barrier and the like; storage parameters of a materialized view
//   method     the access method of a materialized view, unless it is heap
// Whether a materialized view is populated is a matter of its rows, and not looked at. Properties of a column:
//   view       the view as ALTER names it: "VIEW public.v"
//   default    the expression that INSERT into the view takes
//   statistics, storage, compression, options   unless they are the usual ones
const Kind& views();

}  // namespace flux::postgres::schema
