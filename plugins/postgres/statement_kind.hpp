// What kind of statement a list of words is: whether it controls a transaction, cannot run in one, takes data.
#pragma once

#include <string>
#include <vector>

namespace flux::postgres {

// One token of a statement, as far as its kind depends on it.
struct Word {
  std::string text;  // an unquoted word in upper case, `"` for a quoted name, else as written; long strings cut off
  int depth = 0;     // how many parentheses are open around it
};

// The first words of a statement are enough: a list may be cut after this many.
constexpr std::size_t words_that_matter = 96;

struct StatementKind {
  unsigned flags = 0;       // bits of flux_statement_flag
  std::string what;         // names the statement where a flag is set: "CREATE INDEX CONCURRENTLY"
  bool takes_data = false;  // COPY ... FROM STDIN: data follows it
  bool changes_reading =
      false;                    // sets client_encoding or standard_conforming_strings: what follows is to be sent apart
  int conforming_strings = -1;  // 1, 0: it turns standard_conforming_strings on, off; -1: it does not
};

// The kind of a statement that begins with `words`.
StatementKind kind_of(const std::vector<Word>& words);

}  // namespace flux::postgres
