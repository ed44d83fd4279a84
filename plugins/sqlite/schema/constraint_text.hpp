// The constraints of a table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql_text.hpp"
#include "tokens.hpp"

namespace flux::sqlite {

enum class ConstraintKind { primary_key, unique, check, foreign_key };

struct Constraint {
  ConstraintKind kind = ConstraintKind::check;
  std::string name{};                  // "": none
  std::vector<std::string> columns{};  // the names alone; of a check those that it looks at, folded
  // As behind PRIMARY KEY and UNIQUE, one for each column: "id", "title COLLATE NOCASE DESC".
  std::vector<std::string> terms{};
  bool autoincrement = false;
  // PRIMARY KEY DESC behind a column's type, which unlike PRIMARY KEY (id DESC) makes no alias of the rowid.
  bool descending_inline = false;
  std::string expression{};               // of a check
  std::string references{};               // of a foreign key: the table's name alone
  std::vector<std::string> referenced{};  // "": its primary key
  std::string actions{};                  // of a foreign key: "ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"
  std::string on_conflict{};              // "REPLACE"; "": as SQLite does by itself

  // As it stands in a table, behind its columns.
  std::string in_table() const;
  // As it stands behind a column's type.
  std::string in_column() const;
};

// What begins with CONSTRAINT, PRIMARY, UNIQUE, CHECK or FOREIGN.
Constraint read_table_constraint(TokenReader& tokens, const SqlTextStyle& style);
// What begins with PRIMARY, UNIQUE, CHECK or REFERENCES behind a column; none where something else comes.
std::optional<Constraint> read_column_constraint(TokenReader& tokens, const std::string& column,
                                                 const SqlTextStyle& style);
// ON CONFLICT …, where it comes next: "REPLACE"; "" also for ABORT, which is the rule without it.
std::string read_on_conflict(TokenReader& tokens);
// Reads one again that in_table() gave, but for a check.
Constraint constraint_of(const std::string& definition, bool descending_inline);

}  // namespace flux::sqlite
