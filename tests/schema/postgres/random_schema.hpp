// Random schemas for PostgreSQL: the same seed gives the same ones.
//
// What is made need not be possible: the server is asked, and what it refuses is taken out again (Trial). So each kind
// of thing is a few lines here, and can be combined with all others.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "../support/random.hpp"

namespace flux::testing {

// A table, a column, a comment: whatever one statement makes.
struct RandomItem {
  std::string kind, schema, name;
  std::string on;                             // key of what it belongs to; "": nothing
  std::vector<std::string> uses;              // keys of what it needs besides
  std::map<std::string, std::size_t> traits;  // what it is like; 0, the plainest, where it is not named

  std::string key() const { return kind + ' ' + (on.empty() ? schema : '(' + on + ')') + '.' + name; }
  std::size_t trait(const std::string& of) const {
    const auto at = traits.find(of);
    return at == traits.end() ? 0 : at->second;
  }
};

struct RandomSchema {
  std::vector<RandomItem> items;

  const RandomItem* find(const std::string& key) const;
  // Those of a kind; of everything where it is "".
  std::vector<const RandomItem*> all(const std::string& kind) const;
  std::vector<const RandomItem*> on(const std::string& kind, const std::string& key) const;
  // Takes it away, and all that needs it.
  void remove(const std::string& key);
};

RandomSchema random_schema(Dice& dice);
// Some things made, altered and dropped.
RandomSchema mutated(RandomSchema schema, Dice& dice);
// With one thing less each, for the hunt for a small counter-example.
std::vector<RandomSchema> smaller(const RandomSchema& schema);

// A statement, or some, and the item that it makes.
struct RandomStatement {
  std::string key, sql;
};
// In an order in which they can be run. Columns are part of their table where they can be, unless `apart`.
std::vector<RandomStatement> definitions(const RandomSchema& schema, bool apart = false);
// Statements that put rows into its tables, as far as these take them.
std::vector<std::string> rows(const RandomSchema& schema, Dice& dice);

}  // namespace flux::testing
