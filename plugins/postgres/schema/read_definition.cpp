#include "read_definition.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "definition_head.hpp"
#include "sql_name.hpp"
#include "tokens.hpp"

namespace flux::postgres::schema {
namespace {

using Tokens = std::vector<Token>;

[[noreturn]] void refuse(const Tokens& tokens) {
  if (tokens.empty()) throw BackendError(FLUX_E_SCRIPT, "this defines nothing");
  const std::string& verb = tokens.front().text;
  const bool rows = verb == "INSERT" || verb == "UPDATE" || verb == "DELETE" || verb == "COPY" || verb == "TRUNCATE" ||
                    verb == "MERGE";
  const bool may_be = verb == "CREATE" || verb == "ALTER" || verb == "COMMENT" || verb == "GRANT" || verb == "REVOKE" ||
                      verb == "SECURITY";
  const char* hint =
      "a schema's files say what is to be there, and Flux finds the way: CREATE, ALTER, COMMENT, GRANT, REVOKE";
  if (rows) hint = "rows are written by migrations; a schema's files say only what it is made of";
  if (may_be)
    hint =
        "what belongs to the whole server (roles, databases, subscriptions), is temporary, or holds rows (CREATE TABLE "
        "… "
        "AS) is no part of a schema";
  throw BackendError(FLUX_E_SCRIPT, verb + (may_be ? " of this kind" : "") + " is no definition")
      .hint(hint)
      .offset(static_cast<std::int64_t>(tokens.front().begin));
}

// The name behind "-- flux: renamed from=" in a line, "" for "-- flux: new"; nullopt where it says nothing of that.
std::optional<std::string> old_name(std::string_view line, std::size_t offset) {
  const std::size_t dashes = line.find("--");
  if (dashes == std::string_view::npos) return std::nullopt;
  const Tokens words = tokens_of(line.substr(dashes + 2));
  if (words.size() == 3 && words[0].is("FLUX") && words[1].is(":") && words[2].is("NEW")) return "";
  if (words.size() < 3 || !words[0].is("FLUX") || !words[1].is(":") || !words[2].is("RENAMED")) return std::nullopt;
  const bool complete = words.size() >= 6 && words[3].is("FROM") && words[4].is("=") && words.back().is_name();
  if (!complete)
    throw BackendError(FLUX_E_SCRIPT, "\"renamed\" does not say from what")
        .hint("write -- flux: renamed from=OLD_NAME")
        .offset(static_cast<std::int64_t>(offset));
  return words.back().name;
}

// What the comments between two places say of what stands behind them.
std::optional<std::string> renamed_from(std::string_view sql, std::size_t begin, std::size_t end) {
  std::optional<std::string> out;
  while (begin < end) {
    const std::size_t line_end = std::min(sql.find('\n', begin), end);
    if (auto name = old_name(sql.substr(begin, line_end - begin), begin)) {
      if (begin != 0 && sql[begin - 1] != '\n')
        throw BackendError(FLUX_E_SCRIPT, "\"renamed\" stands behind something else")
            .hint("write it on a line of its own, above what was renamed")
            .offset(static_cast<std::int64_t>(begin));
      out = std::move(name);
    }
    begin = line_end + 1;
  }
  return out;
}

bool has_columns(std::string_view kind) {
  return kind == "table" || kind == "foreign table" || kind == "composite type";
}

// The first tokens between the outer parentheses and behind the commas there.
std::vector<std::size_t> beginnings(const Tokens& tokens, std::size_t from) {
  std::vector<std::size_t> out;
  bool begins = false;
  for (std::size_t i = from; i < tokens.size(); ++i) {
    if (begins && tokens[i].depth == 1) out.push_back(i);
    begins = (tokens[i].is("(") && tokens[i].depth == 0) || (tokens[i].is(",") && tokens[i].depth == 1);
    // Only the first parentheses of the statement hold columns.
    if (tokens[i].is(")") && tokens[i].depth == 0) break;
  }
  return out;
}

bool is_table_clause(const Token& token) {
  for (const char* word : {"CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "EXCLUDE", "FOREIGN", "LIKE"})
    if (token.is(word)) return true;
  return false;
}

void add_columns(std::string_view sql, const Tokens& tokens, const DefinitionHead& head, std::set<std::size_t>& columns,
                 std::vector<Mention>& out) {
  for (const std::size_t i : beginnings(tokens, head.behind)) {
    const Token& first = tokens[i];
    if (!first.is_name()) continue;
    std::string kind = head.kind == "composite type" ? "attribute" : "column";
    std::string name = first.name;
    if (is_table_clause(first)) {
      if (!first.is("CONSTRAINT") || i + 1 >= tokens.size()) continue;
      kind = "constraint";
      name = tokens[i + 1].name;
    } else {
      columns.insert(i);
    }
    if (auto old = renamed_from(sql, tokens[i - 1].end, first.begin))
      out.push_back({FLUX_MENTION_RENAMED, kind, head.name + '.' + quoted(name), std::move(*old)});
  }
}

// 'public.orders' as in nextval('public.orders'::regclass); "" where a string is no name.
std::string name_in(const std::string& text) {
  Tokens tokens = tokens_of(text);
  std::size_t i = 0;
  std::string name = tokens.empty() ? std::string() : dotted_name(tokens, i);
  return i == tokens.size() ? name : std::string();
}

void add_uses(const Tokens& tokens, const DefinitionHead& head, const std::set<std::size_t>& columns,
              std::vector<Mention>& out) {
  std::set<std::string> seen{head.name, ""};
  const auto use = [&](std::string name) {
    if (seen.insert(name).second) out.push_back({FLUX_MENTION_USES, "", std::move(name)});
  };
  for (std::size_t i = 1; i < tokens.size();) {
    const std::size_t begin = i;
    if (tokens[i].kind == Token::Kind::text) use(name_in(tokens[i].text));
    std::string name = dotted_name(tokens, i);
    if (i == begin)
      ++i;
    else if (columns.count(begin) == 0)
      use(std::move(name));
  }
}

}  // namespace

std::vector<Mention> read_definition(std::string_view sql) {
  const Tokens tokens = tokens_of(sql);
  const DefinitionHead head = definition_head(tokens);
  if (!head.takes_part) refuse(tokens);
  std::vector<Mention> out;
  const Token& verb = tokens.front();
  if (verb.is("SET") || verb.is("RESET") || verb.is("SELECT")) return out;
  if (!head.name.empty()) {
    out.push_back({FLUX_MENTION_DEFINES, head.kind, head.name});
    if (auto old = renamed_from(sql, 0, verb.begin))
      out.push_back({FLUX_MENTION_RENAMED, head.kind, head.name, std::move(*old)});
  }
  std::set<std::size_t> columns;
  if (verb.is("CREATE") && has_columns(head.kind)) add_columns(sql, tokens, head, columns, out);
  add_uses(tokens, head, columns, out);
  // Default privileges are for what is made from then on: for none of what the other definitions make.
  if (verb.is("ALTER") && tokens.size() > 2 && tokens[1].is("DEFAULT") && tokens[2].is("PRIVILEGES"))
    out.push_back({FLUX_MENTION_USES, "", "*"});
  return out;
}

}  // namespace flux::postgres::schema
