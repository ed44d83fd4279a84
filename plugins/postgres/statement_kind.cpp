#include "statement_kind.hpp"

#include <flux/backend_abi.h>

#include <algorithm>
#include <initializer_list>

namespace flux::postgres {
namespace {

using Words = std::vector<Word>;

const std::string& at(const Words& words, std::size_t i) {
  static const std::string none;
  return i < words.size() ? words[i].text : none;
}

bool is_one_of(const std::string& word, std::initializer_list<const char*> options) {
  return std::find(options.begin(), options.end(), word) != options.end();
}

bool begins(const Words& words, std::initializer_list<const char*> expected) {
  std::size_t i = 0;
  return std::all_of(expected.begin(), expected.end(), [&](const char* word) { return at(words, i++) == word; });
}

// The index of `text` from `from` on, at parenthesis depth `depth`; words.size() where it is not.
std::size_t find(const Words& words, const char* text, int depth = 0, std::size_t from = 0) {
  for (std::size_t i = from; i < words.size(); ++i)
    if (words[i].depth == depth && words[i].text == text) return i;
  return words.size();
}

bool has(const Words& words, const char* text, int depth = 0) { return find(words, text, depth) < words.size(); }

StatementKind control(std::string what, unsigned more = 0) {
  StatementKind kind;
  kind.flags = FLUX_STATEMENT_TRANSACTION_CONTROL | more;
  kind.what = std::move(what);
  return kind;
}

StatementKind outside_only(std::string what) {
  StatementKind kind;
  kind.flags = FLUX_STATEMENT_NO_TRANSACTION;
  kind.what = std::move(what);
  return kind;
}

// BEGIN, COMMIT and their like; flags 0 for any other statement.
StatementKind transaction_control(const Words& words) {
  const std::string& verb = at(words, 0);
  std::size_t next = 1;
  if (is_one_of(at(words, 1), {"WORK", "TRANSACTION"})) next = 2;
  const unsigned begin = words.size() == next ? unsigned{FLUX_STATEMENT_BEGIN} : 0U;  // options make it another one

  if (verb == "BEGIN") return control("BEGIN", begin);
  if (begins(words, {"START", "TRANSACTION"})) return control("START TRANSACTION", begin);
  if (begins(words, {"PREPARE", "TRANSACTION"})) return control("PREPARE TRANSACTION");
  if (is_one_of(verb, {"COMMIT", "ROLLBACK"}) && at(words, 1) == "PREPARED") return control(verb + " PREPARED");
  const bool chain = at(words, next) == "AND" && at(words, next + 1) == "CHAIN";
  if (is_one_of(verb, {"COMMIT", "END"})) {
    if (chain) return control(verb + " AND CHAIN");
    return control(verb, FLUX_STATEMENT_COMMIT);
  }
  if (is_one_of(verb, {"ROLLBACK", "ABORT"}) && at(words, next) != "TO")
    return control(chain ? verb + " AND CHAIN" : verb);
  return {};
}

// Is it a boolean option's "no", as a word or as a string?
bool off(const std::string& word) {
  const bool quoted = word.size() > 2 && word.front() == '\'';
  return is_one_of(quoted ? word.substr(1, word.size() - 2) : word, {"FALSE", "OFF", "0", "NO", "F", "N"});
}

// CREATE SUBSCRIPTION makes a slot on the publisher, unless it is told not to.
bool makes_slot(const Words& words) {
  for (const char* option : {"CONNECT", "CREATE_SLOT"}) {
    const std::size_t i = find(words, option, 1);
    if (i < words.size() && at(words, i + 1) == "=" && off(at(words, i + 2))) return false;
  }
  return true;
}

// A name with its points, from word `i` on; moves behind it.
Place name_at(const Words& words, std::size_t& i) {
  if (i >= words.size()) return {};
  const std::size_t begin = words[i].begin;
  while (at(words, i + 1) == "." && i + 2 < words.size()) i += 2;
  return {begin, words[i++].end - begin};
}

// CREATE [UNIQUE] INDEX CONCURRENTLY [[IF NOT EXISTS] index] ON [ONLY] table; `i` is behind CONCURRENTLY.
ConcurrentBuild build_of_create(const Words& words, std::size_t i) {
  ConcurrentBuild build;
  build.creates = true;
  if (at(words, i) == "IF") i += 3;
  if (at(words, i) != "ON") build.index = name_at(words, i);
  ++i;
  if (at(words, i) == "ONLY") ++i;
  build.object = "TABLE";
  build.on = name_at(words, i);
  return build;
}

// DROP INDEX CONCURRENTLY [IF EXISTS] index; `i` is behind CONCURRENTLY.
ConcurrentBuild build_of_drop(const Words& words, std::size_t i) {
  ConcurrentBuild build;
  if (at(words, i) == "IF") i += 2;
  build.object = "INDEX";
  build.on = name_at(words, i);
  return build;
}

// REINDEX [(options)] object [CONCURRENTLY] [name]; `i` is the object.
ConcurrentBuild build_of_reindex(const Words& words, std::size_t i) {
  ConcurrentBuild build;
  build.object = at(words, i++);
  if (at(words, i) == "CONCURRENTLY") ++i;
  build.on = name_at(words, i);
  return build;
}

// What the forms of ALTER SUBSCRIPTION that talk to the publisher are called; "" for the others.
std::string alter_subscription(const Words& words) {
  const std::string& verb = at(words, 3);
  if (verb == "REFRESH") return "ALTER SUBSCRIPTION REFRESH";
  if (verb == "SET" && at(words, 4) == "(" && has(words, "FAILOVER", 1)) return "ALTER SUBSCRIPTION SET (failover)";
  if (!is_one_of(verb, {"SET", "ADD", "DROP"}) || at(words, 4) != "PUBLICATION") return "";
  const std::size_t refresh = find(words, "REFRESH", 1);
  if (refresh < words.size() && at(words, refresh + 1) == "=" && off(at(words, refresh + 2))) return "";
  return "ALTER SUBSCRIPTION " + verb + " PUBLICATION";
}

// What the server refuses inside a transaction block (SQLSTATE 25001), whatever the database holds.
StatementKind refused_inside(const Words& words) {
  const std::string& verb = at(words, 0);
  const std::string& object = at(words, 1);
  const bool index = object == "INDEX" || (object == "UNIQUE" && at(words, 2) == "INDEX");
  if (is_one_of(verb, {"CREATE", "DROP"}) && index && has(words, "CONCURRENTLY")) {
    const std::size_t i = find(words, "CONCURRENTLY");
    if (at(words, i - 1) == "INDEX") {
      StatementKind kind = outside_only(verb + " INDEX CONCURRENTLY");
      kind.patient = true;
      kind.build = verb == "CREATE" ? build_of_create(words, i + 1) : build_of_drop(words, i + 1);
      return kind;
    }
  }
  if (is_one_of(verb, {"CREATE", "DROP"}) && is_one_of(object, {"DATABASE", "TABLESPACE"}))
    return outside_only(verb + " " + object);
  if (verb == "CREATE" && object == "SUBSCRIPTION" && makes_slot(words)) return outside_only("CREATE SUBSCRIPTION");
  if (begins(words, {"ALTER", "SUBSCRIPTION"}))
    if (std::string what = alter_subscription(words); !what.empty()) return outside_only(std::move(what));
  if (verb == "REINDEX") {
    const std::size_t option = find(words, "CONCURRENTLY", 1);
    const bool wanted = option < words.size() && !off(at(words, option + 1));
    const std::size_t what = at(words, 1) == "(" ? find(words, ")") + 1 : 1;
    if (wanted || has(words, "CONCURRENTLY")) {
      StatementKind kind = outside_only("REINDEX CONCURRENTLY");
      kind.patient = true;
      kind.build = build_of_reindex(words, what);
      return kind;
    }
    if (is_one_of(at(words, what), {"SCHEMA", "DATABASE", "SYSTEM"})) return outside_only("REINDEX " + at(words, what));
  }
  if (verb == "VACUUM") return outside_only("VACUUM");
  if (verb == "CLUSTER") {
    const bool table = std::any_of(words.begin() + 1, words.end(), [](const Word& word) {
      return word.depth == 0 && !is_one_of(word.text, {"VERBOSE", "(", ")"});
    });
    if (!table) return outside_only("CLUSTER");
  }
  if (begins(words, {"ALTER", "SYSTEM"})) return outside_only("ALTER SYSTEM");
  if (begins(words, {"ALTER", "DATABASE"}) && at(words, 3) == "SET" && at(words, 4) == "TABLESPACE")
    return outside_only("ALTER DATABASE SET TABLESPACE");
  if (begins(words, {"ALTER", "TABLE"})) {
    const std::size_t detach = find(words, "DETACH");
    if (at(words, detach + 1) == "PARTITION" && words.back().text == "CONCURRENTLY" && words.size() > detach + 3) {
      StatementKind kind = outside_only("ALTER TABLE DETACH PARTITION CONCURRENTLY");
      kind.patient = true;
      return kind;
    }
  }
  if (begins(words, {"DISCARD", "ALL"})) return outside_only("DISCARD ALL");
  return {};
}

// What runs in transactions of its own, or depends on what the database holds whether it may run inside one.
StatementKind rather_outside(const Words& words) {
  const std::string& verb = at(words, 0);
  StatementKind kind;
  const bool setting =
      (verb == "SET" && !is_one_of(at(words, 1), {"LOCAL", "TRANSACTION", "CONSTRAINTS"})) || verb == "RESET";
  if (setting || is_one_of(verb, {"CALL", "DO", "REINDEX", "CLUSTER", "ANALYZE", "ANALYSE"}))
    kind.what = verb;
  else if (begins(words, {"DROP", "SUBSCRIPTION"}))
    kind.what = "DROP SUBSCRIPTION";
  if (!kind.what.empty()) kind.flags = FLUX_STATEMENT_OUTSIDE;
  if (setting) kind.flags |= FLUX_STATEMENT_SESSION;
  return kind;
}

// SET NAMES and settings on which the reading of later statements depends.
void note_setting(const Words& words, StatementKind& kind) {
  if (at(words, 0) != "SET" && at(words, 0) != "RESET") return;
  const std::size_t name = is_one_of(at(words, 1), {"SESSION", "LOCAL"}) ? 2 : 1;
  const std::string& setting = at(words, name);
  kind.changes_reading = is_one_of(setting, {"CLIENT_ENCODING", "NAMES", "STANDARD_CONFORMING_STRINGS"}) ||
                         begins(words, {"RESET", "ALL"});
  if (setting == "STANDARD_CONFORMING_STRINGS") kind.conforming_strings = off(at(words, name + 2)) ? 0 : 1;
  if (begins(words, {"RESET", "ALL"})) kind.conforming_strings = 1;
}

bool has_any(const Words& words, std::initializer_list<const char*> names) {
  return std::any_of(words.begin(), words.end(), [&](const Word& word) { return is_one_of(word.text, names); });
}

bool is_deeper(const Words& words, int depth) {
  return std::any_of(words.begin(), words.end(), [&](const Word& word) { return word.depth > depth; });
}

// Of what is not known here anything is assumed: domains have defaults, partitions bounds that are calls.
bool is_quiet(const Words& words) {
  if (words.size() >= words_that_matter) return false;  // the rest of it is not seen
  const std::string& verb = at(words, 0);
  if (verb == "COMMENT") return true;
  std::size_t object = begins(words, {"CREATE", "OR", "REPLACE"}) ? 3 : 1;
  if (verb == "CREATE" && is_one_of(at(words, object), {"UNIQUE", "UNLOGGED"})) ++object;
  const std::string& what = at(words, object);
  if (verb == "CREATE" && what == "TABLE")
    return !has_any(words, {"VALUES"}) && std::none_of(words.begin(), words.end(), [](const Word& word) {
      return word.depth == 0 && word.text == "AS";
    });
  if (verb == "CREATE" && what == "INDEX") return !is_deeper(words, 1) && !has_any(words, {"WHERE"});
  if (verb == "CREATE" || verb == "DROP")
    return is_one_of(what, {"TABLE", "INDEX", "VIEW", "TYPE", "SEQUENCE", "FUNCTION", "TRIGGER"});
  if (verb != "ALTER" || !is_one_of(what, {"TABLE", "INDEX", "VIEW", "SEQUENCE"})) return false;
  return !has_any(words, {"ADD", "DEFAULT", "USING", "GENERATED", "IDENTITY", "CHECK", "VALIDATE", "ATTACH", "TYPE"});
}

// What writes or defines does so only through triggers and defaults, which are not expected to change how text is read.
bool may_call(const Words& words) {
  return !is_one_of(at(words, 0), {"CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE", "INSERT", "UPDATE",
                                   "DELETE", "TRUNCATE", "LOCK"});
}

}  // namespace

StatementKind kind_of(const std::vector<Word>& words) {
  if (words.empty()) return {};
  StatementKind kind = transaction_control(words);
  if (kind.flags == 0) kind = refused_inside(words);
  if (kind.flags == 0) kind = rather_outside(words);
  note_setting(words, kind);
  kind.quiet = kind.flags == 0 && is_quiet(words);
  kind.calls = may_call(words);
  kind.makes_event_trigger = is_one_of(at(words, 1), {"EVENT", "EXTENSION"});
  if (at(words, 0) == "COPY") {
    const std::size_t from = find(words, "FROM");
    kind.takes_data = at(words, from + 1) == "STDIN";
    kind.copies = true;
  }
  return kind;
}

}  // namespace flux::postgres
