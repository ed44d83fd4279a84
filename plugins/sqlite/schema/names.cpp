#include "names.hpp"

#include <algorithm>
#include <array>

#include "../connection.hpp"

namespace flux::sqlite {
namespace {

// All sorted. Those that the grammar never takes as a name.
constexpr std::array<std::string_view, 69> reserved_words = {
    "ADD",         "ALL",     "ALTER",   "AND",        "AS",         "AUTOINCREMENT",
    "BETWEEN",     "CASE",    "CHECK",   "COLLATE",    "COMMIT",     "CONSTRAINT",
    "CREATE",      "CROSS",   "DEFAULT", "DEFERRABLE", "DELETE",     "DISTINCT",
    "DROP",        "ELSE",    "ESCAPE",  "EXCEPT",     "EXISTS",     "FILTER",
    "FOREIGN",     "FROM",    "FULL",    "GROUP",      "HAVING",     "IN",
    "INDEX",       "INDEXED", "INNER",   "INSERT",     "INTERSECT",  "INTO",
    "IS",          "ISNULL",  "JOIN",    "LEFT",       "LIMIT",      "NATURAL",
    "NOT",         "NOTHING", "NOTNULL", "NULL",       "ON",         "OR",
    "ORDER",       "OUTER",   "OVER",    "PRIMARY",    "REFERENCES", "RETURNING",
    "RIGHT",       "SELECT",  "SET",     "TABLE",      "THEN",       "TO",
    "TRANSACTION", "UNION",   "UNIQUE",  "UPDATE",     "USING",      "VALUES",
    "WHEN",        "WHERE",   "WINDOW"};

// Those that are names where the grammar has no other use for them.
constexpr std::array<std::string_view, 80> soft_words = {
    "ABORT",     "ACTION",    "AFTER",        "ALWAYS",       "ANALYZE",      "ASC",
    "ATTACH",    "BEFORE",    "BEGIN",        "BY",           "CASCADE",      "CAST",
    "COLUMN",    "CONFLICT",  "CURRENT",      "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP",
    "DATABASE",  "DEFERRED",  "DESC",         "DETACH",       "DO",           "EACH",
    "END",       "EXCLUDE",   "EXCLUSIVE",    "EXPLAIN",      "FAIL",         "FIRST",
    "FOLLOWING", "FOR",       "GENERATED",    "GLOB",         "GROUPS",       "IF",
    "IGNORE",    "IMMEDIATE", "INITIALLY",    "INSTEAD",      "KEY",          "LAST",
    "LIKE",      "MATCH",     "MATERIALIZED", "NO",           "NULLS",        "OF",
    "OFFSET",    "OTHERS",    "PARTITION",    "PLAN",         "PRAGMA",       "PRECEDING",
    "QUERY",     "RAISE",     "RANGE",        "RECURSIVE",    "REGEXP",       "REINDEX",
    "RELEASE",   "RENAME",    "REPLACE",      "RESTRICT",     "ROLLBACK",     "ROW",
    "ROWS",      "SAVEPOINT", "STORED",       "STRICT",       "TEMP",         "TEMPORARY",
    "TIES",      "TRIGGER",   "UNBOUNDED",    "VACUUM",       "VIEW",         "VIRTUAL",
    "WITH",      "WITHOUT"};

// Soft words that are common names and take no part in expressions.
constexpr std::array<std::string_view, 11> plain_soft_words = {
    "ACTION", "DATABASE", "FIRST", "GROUPS", "KEY", "LAST", "PLAN", "QUERY", "RELEASE", "STORED", "STRICT"};

template <class Words>
bool contains(const Words& words, std::string_view word) {
  return std::binary_search(words.begin(), words.end(), word);
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_plain(std::string_view name) {
  return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '$';
  });
}

}  // namespace

std::string folded(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool same_name(std::string_view a, std::string_view b) { return a.size() == b.size() && folded(a) == folded(b); }

std::string upper(std::string_view word) {
  std::string out(word);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

bool is_reserved(std::string_view word) { return contains(reserved_words, upper(word)); }
bool is_keyword(std::string_view word) {
  const std::string name = upper(word);
  return contains(reserved_words, name) || contains(soft_words, name);
}

std::string name_in_sql(std::string_view name) {
  const bool is_word = !is_keyword(name) || contains(plain_soft_words, upper(name));
  return is_plain(name) && is_word ? std::string(name) : quoted(name);
}

std::string without_quotes(std::string_view token) {
  if (token.size() < 2) return std::string(token);
  const char open = token.front();
  if (open == '[') return std::string(token.substr(1, token.size() - 2));
  if (open != '"' && open != '`' && open != '\'') return std::string(token);
  std::string out;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    out += token[i];
    if (token[i] == open) ++i;
  }
  return out;
}

}  // namespace flux::sqlite
