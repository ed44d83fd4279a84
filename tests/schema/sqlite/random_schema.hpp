// Random schemas for SQLite: the same seed gives the same ones.
#pragma once

#include <string>
#include <vector>

#include "../support/random.hpp"

namespace flux::testing {

// Words between blanks; "%0" stands for the first column.
struct RandomExpression {
  std::string text;
  std::vector<std::string> columns;
};

struct RandomReference {
  std::vector<std::string> columns;
  std::string table, actions;
};

struct RandomColumn {
  std::string name, type, default_value, collation;
  bool not_null = false, unique = false, stored = false;
  std::vector<RandomExpression> generated, check;  // one or none
  std::vector<RandomReference> references;         // one or none
};

struct RandomTable {
  std::string name;
  std::vector<RandomColumn> columns;
  std::vector<std::string> key;  // empty: none
  bool key_inline = false, autoincrement = false, without_rowid = false, strict = false;
  std::vector<std::vector<std::string>> uniques;
  std::vector<RandomExpression> checks;
  std::vector<RandomReference> references;

  const RandomColumn* find(const std::string& column) const;
};

// An index, a view, a trigger or a table for full text.
struct RandomObject {
  std::string kind, name, on;
  std::vector<RandomExpression> terms;  // what is indexed, selected or written
  std::vector<RandomExpression> where;  // one or none
  std::string other;                    // a trigger writes to it, a view reads it too
  bool unique = false;
};

struct RandomSchema {
  std::vector<RandomTable> tables;
  std::vector<RandomObject> objects;

  const RandomTable* find(const std::string& table) const;
};

RandomSchema random_schema(Dice& dice);
// Some things made, altered and dropped.
RandomSchema mutated(RandomSchema schema, Dice& dice);
// With one thing less each, for the hunt for a small counter-example.
std::vector<RandomSchema> smaller(const RandomSchema& schema);

// As definitions. With `noise`, what means the same is written in other ways.
std::string definitions(const RandomSchema& schema, Dice* noise = nullptr);
// Statements that put rows into its tables.
std::string rows(const RandomSchema& schema, Dice& dice);
// In double quotes.
std::string in_quotes(const std::string& name);

}  // namespace flux::testing
