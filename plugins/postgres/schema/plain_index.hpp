// The definitions of ordinary indexes, for which the server need not be asked: it takes its time over each.
#pragma once

#include <string>
#include <string_view>

#include "catalog.hpp"

namespace flux::postgres::schema {

// Whether an index is plain: a B-tree on columns of a table, with nothing that stands behind the columns but their
// order. For pg_index i, its pg_class c and pg_class t of the table.
std::string is_plain_index_sql(int server_version);

// CREATE INDEX of a plain one, as the server deparses it. `keys` and `orders` are pg_index.indkey and indoption.
std::string plain_index(const Relation& index, bool unique, Oid table, std::string_view keys, std::string_view orders,
                        const Catalog& catalog);

}  // namespace flux::postgres::schema
