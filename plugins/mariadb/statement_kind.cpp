#include "statement_kind.hpp"

#include <flux/backend_abi.h>

#include <algorithm>
#include <string_view>

namespace flux::mariadb {
namespace {

bool has(const Words& words, const char* word, std::size_t from = 0) {
  return from < words.size() &&
         std::find(words.begin() + static_cast<std::ptrdiff_t>(from), words.end(), word) != words.end();
}

bool begins(const Words& words, std::initializer_list<const char*> with, std::size_t from = 0) {
  for (const char* word : with)
    if (word_at(words, from++) != word) return false;
  return true;
}

bool has_pair(const Words& words, const char* first, const char* second) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == first && words[i + 1] == second) return true;
  return false;
}

bool is_plain_word(const std::string& word) {
  return !word.empty() && ((word[0] >= 'A' && word[0] <= 'Z') || word[0] == '_');
}

// The first words, as people call the statement: "CREATE TABLE".
std::string title(const Words& words) {
  std::string out = word_at(words, 0);
  std::size_t i = 1;
  if (begins(words, {"OR", "REPLACE"}, i)) i += 2;
  for (int more = 0; more < 2 && is_plain_word(word_at(words, i)); ++i) {
    if (is_one_of(words[i], {"UNIQUE", "FULLTEXT", "SPATIAL", "ONLINE", "OFFLINE", "IGNORE"})) continue;
    if (words[i] == "DEFINER" || words[i] == "IF") break;
    if (more++ == 0 || is_one_of(words[i], {"BODY"})) out += ' ' + words[i];
  }
  return out;
}

StatementKind with_flags(unsigned flags, const Words& words) {
  StatementKind kind;
  kind.flags = flags;
  kind.what = title(words);
  return kind;
}

StatementKind control(std::string what, unsigned more = 0) {
  StatementKind kind;
  kind.flags = FLUX_STATEMENT_TRANSACTION_CONTROL | more;
  kind.what = std::move(what);
  return kind;
}

// Behind COMMIT or ROLLBACK: does it say that something else begins, or ends, with it?
bool chains(const Words& words) {
  return (has_pair(words, "AND", "CHAIN") && !has_pair(words, "NO", "CHAIN")) ||
         (has(words, "RELEASE") && !has_pair(words, "NO", "RELEASE"));
}

StatementKind transaction_control(const Words& words) {
  const std::string& verb = words.front();
  if (verb == "BEGIN" && (words.size() == 1 || (words.size() == 2 && words[1] == "WORK")))
    return control("BEGIN", FLUX_STATEMENT_BEGIN);
  if (begins(words, {"START", "TRANSACTION"})) {
    const bool plain = words.size() == 2 || (words.size() == 4 && begins(words, {"READ", "WRITE"}, 2));
    return control("START TRANSACTION", plain ? unsigned{FLUX_STATEMENT_BEGIN} : 0U);
  }
  if (verb == "COMMIT") return control("COMMIT", chains(words) ? 0U : unsigned{FLUX_STATEMENT_COMMIT});
  if (verb == "ROLLBACK" && !has(words, "TO")) return control("ROLLBACK");
  if (verb == "XA") return control("XA");
  return {};
}

// Functions of the server that change nothing but the session, and what else stands before a parenthesis.
constexpr std::string_view harmless =
    " ABS ADDDATE ALL AND ANY AS AVG BETWEEN BY CASE CAST CEIL CEILING CHAR CHAR_LENGTH COALESCE CONCAT "
    "CONCAT_WS CONVERT COUNT CURDATE CURRENT_DATE CURRENT_ROLE CURRENT_TIME CURRENT_TIMESTAMP "
    "CURRENT_USER CURTIME DATABASE DATE DATEDIFF DATE_ADD DATE_FORMAT DATE_SUB DAY DECIMAL DISTINCT ELSE "
    "ELT EXISTS FIELD FIND_IN_SET FLOOR FORMAT FROM FROM_UNIXTIME GREATEST GROUP_CONCAT HAVING HEX HOUR "
    "IF IFNULL IN INSERT INSTR ISNULL JOIN JSON_ARRAY JSON_EXTRACT JSON_OBJECT JSON_UNQUOTE JSON_VALUE "
    "LAST_INSERT_ID LCASE LEAST LEFT LENGTH LIKE LOCATE LOWER LPAD LTRIM MAX MD5 MID MIN MINUTE MOD "
    "MONTH NOT NOW NULLIF ON OR OVER POSITION POW QUOTE RAND REGEXP_REPLACE REPEAT REPLACE REVERSE RIGHT "
    "ROUND RPAD RTRIM SCHEMA SECOND SELECT SHA1 SHA2 SPACE STR_TO_DATE SUBDATE SUBSTR SUBSTRING "
    "SUBSTRING_INDEX SUM SYSDATE THEN TIME TIMEDIFF TIMESTAMP TIMESTAMPADD TIMESTAMPDIFF TRIM TRUNCATE "
    "UCASE UNHEX UNION UNIX_TIMESTAMP UPPER USER USING UTC_DATE UTC_TIMESTAMP UUID VALUES VERSION WHEN "
    "WHERE WITH XOR YEAR ";

// Does it call a function that may write, as those that people create can? What is too long to be seen might.
bool calls_unknown(const Words& words) {
  if (words.size() >= words_that_matter || has_pair(words, "VALUE", "FOR")) return true;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& before = words[i - 1];
    if (words[i] != "(" || (!is_plain_word(before) && before != "`")) continue;
    if (i >= 2 && words[i - 2] == ".") return true;
    if (harmless.find(' ' + before + ' ') == std::string_view::npos) return true;
  }
  return false;
}

// SET: of settings and variables of the session, of the server, of passwords.
StatementKind set_kind(const Words& words) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool value_follows =
        word_at(words, i + 1) == "=" || (word_at(words, i + 1) == ":" && word_at(words, i + 2) == "=");
    if (words[i] == "AUTOCOMMIT" && value_follows) return control("SET AUTOCOMMIT");
  }
  const std::string& object = word_at(words, 1);
  if (object == "PASSWORD" || begins(words, {"DEFAULT", "ROLE"}, 1))
    return with_flags(FLUX_STATEMENT_NO_TRANSACTION, words);
  const bool server = has(words, "GLOBAL") || has(words, "PERSIST") || has(words, "PERSIST_ONLY");
  StatementKind kind;
  kind.what = "SET";
  if (!server && calls_unknown(words)) {
    // It is done once: what a function has written is not to be written again where a script is resumed.
    kind.flags = FLUX_STATEMENT_OUTSIDE;
    kind.opaque = true;
    return kind;
  }
  kind.flags = server ? FLUX_STATEMENT_OUTSIDE : FLUX_STATEMENT_OUTSIDE | FLUX_STATEMENT_SESSION;
  return kind;
}

// MariaDB's SET STATEMENT ... FOR, behind which the statement begins that it is for.
std::size_t behind_set_statement(const Words& words) {
  const auto at = std::find(words.begin(), words.end(), "FOR");
  return at == words.end() ? words.size() : static_cast<std::size_t>(at - words.begin()) + 1;
}

// What is undone by ROLLBACK, as far as its tables can do that, and what only reads.
bool fits_into_transaction(const Words& words) {
  const std::string& verb = words.front();
  if (verb == "LOAD") return is_one_of(word_at(words, 1), {"DATA", "XML"});
  if (verb == "(") return true;
  if (begins(words, {"ROLLBACK"}) || begins(words, {"RELEASE", "SAVEPOINT"})) return true;
  return is_one_of(verb, {"INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "WITH", "VALUES", "TABLE", "DO", "SHOW",
                          "DESC", "DESCRIBE", "EXPLAIN", "HELP", "SAVEPOINT"});
}

bool has_comma_outside_of_parentheses(const Words& words) {
  int depth = 0;
  for (const std::string& word : words) {
    if (word == "(") ++depth;
    if (word == ")") --depth;
    if (word == "," && depth == 0) return true;
  }
  return false;
}

// The server does each of these as a whole or not at all.
bool is_all_or_nothing(const Words& words) {
  const std::string& verb = words.front();
  if (verb == "TRUNCATE") return true;
  if (verb == "RENAME") return !has_comma_outside_of_parentheses(words);
  const bool many_accounts = is_one_of(word_at(words, 1), {"USER", "ROLE"}) && has_comma_outside_of_parentheses(words);
  if (verb == "ALTER") return !many_accounts && !is_one_of(word_at(words, 1), {"DATABASE", "SCHEMA"});
  if (verb == "CREATE") return !many_accounts && !(begins(words, {"OR", "REPLACE"}, 1) && has(words, "TABLE"));
  if (verb == "DROP")
    return !has_comma_outside_of_parentheses(words) &&
           !is_one_of(word_at(words, 1), {"DATABASE", "SCHEMA", "USER", "ROLE"});
  return false;
}

// May the session be in no database behind it?
bool leaves_database(const Words& words) {
  return has_pair(words, "DROP", "DATABASE") || has_pair(words, "DROP", "SCHEMA") ||
         has_pair(words, "REPLACE", "DATABASE") || has_pair(words, "REPLACE", "SCHEMA");
}

bool is_temporary(const Words& words) {
  return is_one_of(words.front(), {"CREATE", "DROP"}) &&
         (word_at(words, 1) == "TEMPORARY" || begins(words, {"OR", "REPLACE", "TEMPORARY"}, 1));
}

}  // namespace

bool is_one_of(const std::string& word, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* one) { return word == one; });
}

const std::string& word_at(const Words& words, std::size_t i) {
  static const std::string nothing;
  return i < words.size() ? words[i] : nothing;
}

StatementKind kind_of(const Words& all) {
  if (all.empty()) return {};
  if (begins(all, {"SET", "STATEMENT"})) {
    const std::size_t behind = behind_set_statement(all);
    return behind < all.size() ? kind_of(Words(all.begin() + static_cast<std::ptrdiff_t>(behind), all.end()))
                               : with_flags(FLUX_STATEMENT_OUTSIDE, all);
  }
  if (StatementKind kind = transaction_control(all); kind.flags != 0) return kind;
  const std::string& verb = all.front();
  if (verb == "SET") return set_kind(all);
  constexpr unsigned session = FLUX_STATEMENT_OUTSIDE | FLUX_STATEMENT_SESSION;
  if (is_one_of(verb, {"USE", "PREPARE", "DEALLOCATE"})) return with_flags(session, {verb});
  if (is_one_of(verb, {"LOCK", "UNLOCK"}) && is_one_of(word_at(all, 1), {"TABLE", "TABLES"})) {
    StatementKind kind = with_flags(session, {verb, "TABLES"});
    kind.locks_tables = verb == "LOCK";
    kind.unlocks_tables = verb == "UNLOCK";
    return kind;
  }
  if (fits_into_transaction(all)) {
    if (has(all, "OUTFILE") || has(all, "DUMPFILE"))
      return with_flags(FLUX_STATEMENT_OUTSIDE, {"SELECT", "INTO", "OUTFILE"});
    if (has_pair(all, "INTO", "@")) {
      StatementKind kind =
          with_flags(calls_unknown(all) ? unsigned{FLUX_STATEMENT_OUTSIDE} : session, {"SELECT", "INTO"});
      kind.opaque = true;
      return kind;
    }
    StatementKind kind;
    kind.asks = is_one_of(verb, {"SELECT", "DO"});
    return kind;
  }
  if (is_temporary(all)) return {};
  if (is_all_or_nothing(all)) return with_flags(FLUX_STATEMENT_NO_TRANSACTION, all);
  // What a program or a statement that is not known does: that may commit, too.
  StatementKind kind = with_flags(FLUX_STATEMENT_NO_TRANSACTION | FLUX_STATEMENT_OUTSIDE, all);
  kind.opaque = !is_one_of(verb, {"CREATE", "DROP", "RENAME", "ALTER", "GRANT", "REVOKE", "ANALYZE", "OPTIMIZE"}) ||
                leaves_database(all);
  return kind;
}

}  // namespace flux::mariadb
