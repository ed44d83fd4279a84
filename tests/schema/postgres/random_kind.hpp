// The kinds of things that random schemas are made of.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "random_schema.hpp"

namespace flux::testing {

// One thing about an item: `values` ways, of which 0 is the plainest; another one in one of `rarity` items.
struct RandomTrait {
  const char* name;
  std::size_t values, rarity;
};

struct RandomKind {
  const char* name;
  std::size_t weight;  // how often it is made
  const std::vector<std::string>* names;
  std::vector<RandomTrait> traits;
  // Chooses what it is on and uses. False: there is nothing that it could be made for.
  std::function<bool(RandomItem&, const RandomSchema&, Dice&)> place;
  std::function<std::string(const RandomItem&, const RandomSchema&)> sql;
};

const std::vector<RandomKind>& random_kinds();
const RandomKind& random_kind(const std::string& name);

// In double quotes.
std::string in_quotes(const std::string& name);
// As statements name it: "app"."t".
std::string sql_name(const RandomItem& item);
// What COMMENT ON and ALTER ... OWNER TO call it: TABLE "app"."t".
std::string sql_target(const RandomItem& item, const RandomSchema& schema);

// Tables of all sorts; with views, too.
std::vector<const RandomItem*> tables(const RandomSchema& schema);
std::vector<const RandomItem*> relations(const RandomSchema& schema);
// Also those of what it inherits from.
std::vector<const RandomItem*> columns(const RandomSchema& schema, const RandomItem& table);

// The type of a column as SQL, and its sort: n(umber), t(ext), b(oolean), d(ate), e(num), a(rray), r(ange), j(son),
// u(uid), i(net), or o(ther).
std::string sql_type(const RandomItem& column, const RandomSchema& schema);
char sort_of(const RandomItem& column, const RandomSchema& schema);
// With the CREATE TABLE around it, or without.
std::string column_sql(const RandomItem& column, const RandomSchema& schema);
std::string table_sql(const RandomItem& table, const RandomSchema& schema, const std::vector<std::string>& columns);
// A literal that the column takes.
std::string random_value(const RandomItem& column, const RandomSchema& schema, std::size_t which);
// Something that is true of some values of the column, and something that is computed of them.
std::string random_condition(const RandomItem& column, const RandomSchema& schema, std::size_t which);
std::string random_term(const RandomItem& column, const RandomSchema& schema, std::size_t which);
// A call of a function, with the argument where it takes one.
std::string random_call(const RandomItem& function, const std::string& argument);

}  // namespace flux::testing
