#include "plain_index.hpp"

#include <charconv>

#include "sql_name.hpp"

namespace flux::postgres::schema {
namespace {

constexpr int nulls_not_distinct_since = 150000;

// The operator classes that are only ever the usual ones of the types that can have them; others the server says by
// name. Not those of a type that one with a class of its own passes for, as integer does for oid.
constexpr const char* usual_classes =
    "ARRAY(SELECT o.oid FROM pg_catalog.pg_opclass o "
    "JOIN pg_catalog.pg_type y ON y.oid = o.opcintype AND y.typtype = 'b' "
    "WHERE o.opcmethod = 403 AND o.opcdefault AND o.oid < 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_cast k "
    "JOIN pg_catalog.pg_opclass own ON own.opcintype = k.castsource AND own.opcmethod = 403 AND own.opcdefault "
    "WHERE k.casttarget = o.opcintype AND k.castmethod = 'b' AND k.castcontext = 'i'))";

// Takes the first number of a list that blanks separate.
int next_number(std::string_view& list) {
  int number = 0;
  const char* end = std::from_chars(list.data(), list.data() + list.size(), number).ptr;
  list.remove_prefix(static_cast<std::size_t>(end - list.data()));
  if (!list.empty()) list.remove_prefix(1);
  return number;
}

}  // namespace

// A collation is said where it is not that of the column; where no column of the table has one of its own, the usual
// one of the database cannot be another.
std::string is_plain_index_sql(int server_version) {
  return std::string(
             "i.indexprs IS NULL AND i.indpred IS NULL AND i.indnatts = i.indnkeyatts AND c.relam = 403 "
             "AND c.reloptions IS NULL AND t.relkind IN ('r', 'p') AND i.indclass::oid[] <@ ") +
         usual_classes +
         " AND i.indcollation::oid[] <@ '{0,100}'::oid[] AND i.indrelid NOT IN (SELECT a.attrelid "
         "FROM pg_catalog.pg_attribute a WHERE a.attrelid >= 16384 AND a.attcollation NOT IN (0, 100))" +
         (server_version >= nulls_not_distinct_since ? " AND NOT i.indnullsnotdistinct" : "");
}

std::string plain_index(const Relation& index, bool unique, Oid table, std::string_view keys, std::string_view orders,
                        const Catalog& catalog) {
  // By the bits of indoption: descending, nulls first.
  constexpr const char* order_words[] = {"", " DESC NULLS LAST", " NULLS FIRST", " DESC"};
  std::string out = unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ";
  out += quoted(index.name) + " ON " + catalog.relation(table)->identity() + " USING btree (";
  for (bool first = true; !keys.empty(); first = false) {
    const Catalog::Entry* column = catalog.at({in::relation, table, next_number(keys)});
    out += (first ? "" : ", ") + quoted(column->fact.object) + order_words[next_number(orders) & 3];
  }
  return out + ')';
}

}  // namespace flux::postgres::schema
