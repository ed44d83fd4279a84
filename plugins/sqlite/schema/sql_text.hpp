// One way to write SQL, so that what means the same reads the same.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tokens.hpp"

namespace flux::sqlite {

struct SqlTextStyle {
  // The columns that a name may mean: folded, and as they are written in SQL. A name in double quotes that is none of
  // them may be a text, and stays as it is.
  std::map<std::string, std::string> columns{};
  // Write the columns in this way wherever they stand: right where nothing takes its own name from how they are
  // written.
  bool respell = false;
  // The folded name of the table that they are columns of: left out where it stands before one.
  std::string table{};
  // The positions of tokens that name a table or a view.
  std::set<std::size_t> tables{};
  // A column of a view that has no name of its own takes its text for one. Then blanks stay where they are, one for
  // many; clauses begin on lines of their own.
  bool select = false;
};

// The tokens that are left in `tokens` as text: keywords in upper case, names without quotes where they need none, one
// way to set blanks, no comments.
std::string sql_text(TokenReader tokens, const SqlTextStyle& style);
// The columns of `style` that the tokens name, folded and sorted.
std::vector<std::string> columns_in(TokenReader tokens, const SqlTextStyle& style);

}  // namespace flux::sqlite
