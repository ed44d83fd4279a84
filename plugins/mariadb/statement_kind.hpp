// What kind of statement it is, as far as it matters to how a script runs.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

namespace flux::mariadb {

// A word in capitals, or another token: "`" for a quoted name, "'" for a string, else the character itself.
using Words = std::vector<std::string>;

// No more words of a statement than these are looked at.
inline constexpr std::size_t words_that_matter = 200;

struct StatementKind {
  unsigned flags = 0;  // flux_statement_flag
  std::string what;    // names it where a flag is set
  bool locks_tables = false, unlocks_tables = false;
  // May it have changed the session in a way that its flags do not tell?
  bool opaque = false;
  bool asks = false;  // SELECT or DO, which KILL QUERY can end as if they were done
};

// What DDL does there: it commits what is open and is committed itself. So it is FLUX_STATEMENT_NO_TRANSACTION, and
// FLUX_STATEMENT_OUTSIDE as well where it can fail half way.
StatementKind kind_of(const Words& words);

// Is it one of these?
bool is_one_of(const std::string& word, std::initializer_list<const char*> words);
// The word at `i`, "" behind the last.
const std::string& word_at(const Words& words, std::size_t i);

}  // namespace flux::mariadb
