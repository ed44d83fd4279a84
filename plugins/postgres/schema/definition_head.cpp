#include "definition_head.hpp"

#include <algorithm>
#include <initializer_list>

#include "sql_name.hpp"

namespace flux::postgres::schema {
namespace {

using Tokens = std::vector<Token>;

bool at(const Tokens& tokens, std::size_t i, std::string_view word) { return i < tokens.size() && tokens[i].is(word); }

bool at_any(const Tokens& tokens, std::size_t i, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return at(tokens, i, word); });
}

// The index of a word outside of parentheses, from `i` on; the end where there is none.
std::size_t find(const Tokens& tokens, std::string_view word, std::size_t i) {
  while (i < tokens.size() && (tokens[i].depth != 0 || !tokens[i].is(word))) ++i;
  return i;
}

// Passes over IF NOT EXISTS and CONCURRENTLY.
std::size_t past_options(const Tokens& tokens, std::size_t i) {
  if (at(tokens, i, "CONCURRENTLY")) ++i;
  if (at(tokens, i, "IF")) i += 3;
  return i;
}

struct Object {
  std::string_view words, kind;
};

// What stands behind CREATE and its options, the longer first; kind "": no fact has that name alone.
constexpr Object objects[] = {{"MATERIALIZED VIEW", "materialized view"},
                              {"FOREIGN DATA WRAPPER", "foreign data wrapper"},
                              {"FOREIGN TABLE", "foreign table"},
                              {"EVENT TRIGGER", "event trigger"},
                              {"USER MAPPING", ""},
                              {"TABLE", "table"},
                              {"SCHEMA", "schema"},
                              {"INDEX", "index"},
                              {"SEQUENCE", "sequence"},
                              {"VIEW", "view"},
                              {"TYPE", "type"},
                              {"DOMAIN", "domain"},
                              {"FUNCTION", "function"},
                              {"PROCEDURE", "procedure"},
                              {"AGGREGATE", "aggregate"},
                              {"TRIGGER", "trigger"},
                              {"POLICY", "policy"},
                              {"RULE", "rule"},
                              {"EXTENSION", "extension"},
                              {"COLLATION", "collation"},
                              {"STATISTICS", "statistics"},
                              {"SERVER", "server"},
                              {"PUBLICATION", "publication"}};

// What is a definition of a schema besides `objects`, without being a fact.
constexpr std::string_view others[] = {"OPERATOR",   "CAST",          "TEXT SEARCH", "LANGUAGE",
                                       "CONVERSION", "ACCESS METHOD", "TRANSFORM"};

// Moves behind the words of `object` where they stand at `i`.
bool pass(const Tokens& tokens, std::size_t& i, std::string_view words) {
  std::size_t next = i;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (!at(tokens, next, words.substr(0, end))) return false;
    ++next;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  i = next;
  return true;
}

// "a integer, text" between the parentheses at `i`, without defaults, as they are written but for blanks.
std::string arguments(const Tokens& tokens, std::size_t& i) {
  if (!at(tokens, i, "(")) return {};
  const int depth = tokens[i].depth;
  std::string out = "(";
  bool skipping = false;
  for (++i; i < tokens.size() && !(tokens[i].is(")") && tokens[i].depth == depth); ++i) {
    const Token& token = tokens[i];
    if (token.depth == depth + 1 && token.is(","))
      skipping = false;
    else if (token.depth == depth + 1 && (token.is("DEFAULT") || token.is("=")))
      skipping = true;
    if (skipping || token.is("IN")) continue;
    const bool tight = out == "(" || token.kind == Token::Kind::symbol || out.back() == '(' || out.back() == '.';
    if (!tight || (out.back() == ',' && !token.is(","))) out += ' ';
    out +=
        token.kind == Token::Kind::quoted_name ? quoted(token.name) : token.name + (token.is_name() ? "" : token.text);
  }
  if (i < tokens.size()) ++i;
  return out + ')';
}

// A trigger, policy or rule has the name of its table before its own.
std::string on_table(const Tokens& tokens, const std::string& name, std::string_view word, std::size_t from) {
  std::size_t on = find(tokens, word, from) + 1;
  if (on > tokens.size()) return {};
  const std::string table = dotted_name(tokens, on);
  return table.empty() ? table : table + '.' + name;
}

std::string_view kind_of_type(const Tokens& tokens, std::size_t i) {
  if (!at(tokens, i, "AS")) return "type";
  if (at(tokens, i + 1, "ENUM")) return "enum";
  if (at(tokens, i + 1, "RANGE")) return "range";
  return at(tokens, i + 1, "(") ? "composite type" : "type";
}

DefinitionHead created(const Tokens& tokens) {
  DefinitionHead out;
  out.takes_part = true;
  std::size_t i = 1;
  while (at_any(tokens, i,
                {"OR", "REPLACE", "UNIQUE", "UNLOGGED", "RECURSIVE", "CONSTRAINT", "TRUSTED", "PROCEDURAL", "DEFAULT"}))
    ++i;
  const auto object =
      std::find_if(std::begin(objects), std::end(objects), [&](const Object& o) { return pass(tokens, i, o.words); });
  out.behind = i;
  if (object == std::end(objects))
    out.takes_part =
        std::any_of(std::begin(others), std::end(others), [&](std::string_view o) { return pass(tokens, i, o); });
  if (object == std::end(objects) || object->kind.empty()) return out;
  std::string_view kind = object->kind;
  i = past_options(tokens, i);
  if (kind == "index" && at(tokens, i, "ON")) return out;
  if (kind == "schema" && at(tokens, i, "AUTHORIZATION")) ++i;
  if (kind == "statistics" && at(tokens, i, "ON")) return out;
  std::string name = dotted_name(tokens, i);
  out.behind = i;
  if (kind == "trigger" || kind == "policy") name = on_table(tokens, name, "ON", i);
  if (kind == "rule") name = on_table(tokens, name, "TO", i);
  if (kind == "type") kind = kind_of_type(tokens, i);
  if (kind == "function" || kind == "procedure" || kind == "aggregate") name += arguments(tokens, i);
  if (kind == "index") {
    // An index is in the schema of its table.
    std::size_t table_at = i + (at(tokens, i + 1, "ONLY") ? 2 : 1);
    const std::string table = dotted_name(tokens, table_at);
    if (const std::size_t dot = table.rfind('.'); dot != std::string::npos) name = table.substr(0, dot + 1) + name;
  }
  out.kind = kind;
  out.name = std::move(name);
  return out;
}

// ALTER TABLE name ADD CONSTRAINT name is how foreign keys are often written.
DefinitionHead altered(const Tokens& tokens) {
  DefinitionHead out;
  out.takes_part = true;
  out.behind = 1;
  if (!at(tokens, 1, "TABLE")) return out;
  std::size_t i = past_options(tokens, 2);
  if (at(tokens, i, "ONLY")) ++i;
  const std::string table = dotted_name(tokens, i);
  if (!at(tokens, i, "ADD") || !at(tokens, i + 1, "CONSTRAINT")) return out;
  i += 2;
  out.kind = "constraint";
  out.name = table + '.' + dotted_name(tokens, i);
  return out;
}

// What a throw-away database shares with the whole server, or what reaches out of it, stands at `i`.
bool is_outside(const Tokens& tokens, std::size_t i) {
  if (at(tokens, i, "USER")) return !at(tokens, i + 1, "MAPPING");
  if (i + 1 >= tokens.size() || !tokens[i + 1].is_name()) return false;
  return at_any(tokens, i, {"DATABASE", "ROLE", "GROUP", "TABLESPACE", "SUBSCRIPTION", "PARAMETER", "SYSTEM"});
}

// TABLE name AS SELECT: what has rows. Behind other objects, and within parentheses, AS says something else.
bool has_rows(const Tokens& tokens, const DefinitionHead& head) {
  return head.kind == "table" && find(tokens, "AS", head.behind) < tokens.size();
}

DefinitionHead created_within(const Tokens& tokens) {
  // What is temporary is gone with the session that loads it.
  if (is_outside(tokens, 1) || at_any(tokens, 1, {"TEMP", "TEMPORARY", "GLOBAL", "LOCAL"})) return {};
  DefinitionHead out = created(tokens);
  return has_rows(tokens, out) ? DefinitionHead{} : out;
}

// GRANT SELECT ON t, not GRANT role; COMMENT ON TABLE, not ON DATABASE.
bool is_about_schema(const Tokens& tokens) {
  const std::size_t on = find(tokens, "ON", 1);
  return on + 1 < tokens.size() && (!is_outside(tokens, on + 1) || at(tokens, on + 2, "TO"));
}

// SELECT set_config('search_path', '', false), as pg_dump begins.
bool is_setting(const Tokens& tokens) {
  std::size_t i = 1;
  if (at(tokens, i, "PG_CATALOG") && at(tokens, i + 1, ".")) i += 2;
  if (!at(tokens, i, "SET_CONFIG")) return false;
  return std::all_of(tokens.begin() + static_cast<std::ptrdiff_t>(i) + 1, tokens.end(), [](const Token& t) {
    return t.kind == Token::Kind::text || t.is("(") || t.is(")") || t.is(",") || t.is("TRUE") || t.is("FALSE");
  });
}

}  // namespace

std::string dotted_name(const Tokens& tokens, std::size_t& i) {
  std::string out;
  while (i < tokens.size() && tokens[i].is_name()) {
    out += quoted(tokens[i++].name);
    if (!at(tokens, i, ".") || i + 1 >= tokens.size() || !tokens[i + 1].is_name()) break;
    out += '.';
    ++i;
  }
  return out;
}

DefinitionHead definition_head(const Tokens& tokens) {
  if (at(tokens, 0, "CREATE")) return created_within(tokens);
  if (at(tokens, 0, "ALTER")) return is_outside(tokens, 1) ? DefinitionHead{} : altered(tokens);
  DefinitionHead out;
  out.takes_part = at_any(tokens, 0, {"SET", "RESET"}) || (at(tokens, 0, "SELECT") && is_setting(tokens)) ||
                   (at_any(tokens, 0, {"COMMENT", "GRANT", "REVOKE", "SECURITY"}) && is_about_schema(tokens));
  out.behind = 1;
  return out;
}

}  // namespace flux::postgres::schema
