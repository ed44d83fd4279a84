// What kind of statement a list of words is: whether it controls a transaction, cannot run in one, takes data.
#pragma once

#include <string>
#include <vector>

namespace flux::postgres {

// One token of a statement, as far as its kind depends on it.
struct Word {
  std::string text;  // an unquoted word in upper case, `"` for a quoted name, else as written; long strings cut off
  int depth = 0;     // how many parentheses are open around it
  std::size_t begin = 0, end = 0;  // where it lies in the script, in bytes
};

// The first words of a statement are enough: a list may be cut after this many.
constexpr std::size_t words_that_matter = 96;

// A piece of the script, in bytes; empty: none.
struct Place {
  std::size_t offset = 0, length = 0;
};

// What CREATE INDEX, REINDEX and DROP INDEX CONCURRENTLY work on.
struct ConcurrentBuild {
  std::string object;    // what `on` names: "TABLE", "INDEX", "SCHEMA", "DATABASE", "SYSTEM"; "": none
  bool creates = false;  // CREATE INDEX
  Place index;           // its name, if it gives one
  Place on;
};

struct StatementKind {
  unsigned flags = 0;  // bits of flux_statement_flag
  std::string what;    // names the statement where a flag is set: "CREATE INDEX CONCURRENTLY"
  bool quiet = false;  // known to change nothing of the session and, but for event triggers, to call nothing
  bool calls = false;  // may call any function, or run any statement
  bool makes_event_trigger = false;  // CREATE EVENT TRIGGER or what may bring one: an extension
  bool copies = false;               // COPY
  bool takes_data = false;           // COPY ... FROM STDIN: data follows it
  bool changes_reading =
      false;             // sets client_encoding or standard_conforming_strings: what follows is to be sent apart
  bool patient = false;  // CONCURRENTLY: it stands in nobody's way while it waits, and leaves a mess where it gives up
  ConcurrentBuild build;
  int conforming_strings = -1;  // 1, 0: it turns standard_conforming_strings on, off; -1: it does not
};

// The kind of a statement that begins with `words`.
StatementKind kind_of(const std::vector<Word>& words);

}  // namespace flux::postgres
