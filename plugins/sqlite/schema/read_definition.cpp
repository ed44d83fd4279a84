#include "read_definition.hpp"

#include <flux/backend.hpp>
#include <optional>
#include <string>

#include "definition_text.hpp"
#include "names.hpp"
#include "table_facts.hpp"
#include "table_text.hpp"

namespace flux::sqlite {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// Takes `prefix` and the blanks round it off the front of `text`; false where it does not begin so.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  text = trimmed(text);
  if (text.substr(0, prefix.size()) != prefix) return false;
  text = trimmed(text.substr(prefix.size()));
  return true;
}

// What a line says behind "-- flux: renamed from=", the name alone, "" for "-- flux: new"; nullopt where it says nothing
// of that.
std::optional<std::string> old_name(std::string_view line, std::size_t offset) {
  if (!take_prefix(line, "--") || !take_prefix(line, "flux:")) return std::nullopt;
  if (std::string_view rest = line; take_prefix(rest, "new") && sql_tokens(rest).empty()) return "";
  if (!take_prefix(line, "renamed")) return std::nullopt;
  const bool says = take_prefix(line, "from=");
  const std::vector<SqlToken> tokens = sql_tokens(line);
  if (!says || tokens.empty() || tokens.back().kind == SqlTokenKind::symbol)
    throw BackendError(FLUX_E_SCRIPT, "\"renamed\" does not say from what")
        .hint("write -- flux: renamed from=OLD_NAME")
        .offset(static_cast<std::int64_t>(offset));
  return without_quotes(tokens.back().text);
}

// What the comments in [begin, end) of `sql` say of what stands behind them. A comment behind other SQL in its line
// says nothing of that.
std::optional<std::string> renamed_from(std::string_view sql, std::size_t begin, std::size_t end) {
  std::optional<std::string> out;
  while (begin < end) {
    const std::size_t line_end = std::min(sql.find('\n', begin), end);
    const bool is_own_line = begin == 0 || sql[begin - 1] == '\n';
    if (const auto name = old_name(sql.substr(begin, line_end - begin), begin)) {
      if (!is_own_line)
        throw BackendError(FLUX_E_SCRIPT, "\"renamed\" stands behind something else")
            .hint("write it on a line of its own, above what was renamed")
            .offset(static_cast<std::int64_t>(begin));
      out = name;
    }
    begin = line_end + 1;
  }
  return out;
}

[[noreturn]] void refuse(const Header& header, const std::string& message, const std::string& hint) {
  const std::int64_t offset = header.tokens.empty() ? 0 : static_cast<std::int64_t>(header.tokens.front().offset);
  throw BackendError(FLUX_E_SCRIPT, message).hint(hint).offset(offset);
}

void require_definition(const Header& header) {
  constexpr const char* taken = "a schema is made of CREATE TABLE, INDEX, VIEW, TRIGGER and VIRTUAL TABLE";
  if (header.tokens.empty()) refuse(header, "this defines nothing", taken);
  if (header.kind.empty()) {
    const std::string verb = upper(header.tokens.front().text);
    if (verb == "ALTER" || verb == "DROP")
      refuse(header, verb + " is no definition", "write the table as it should be; Flux finds the way there");
    if (verb == "INSERT" || verb == "UPDATE" || verb == "DELETE" || verb == "REPLACE")
      refuse(header, verb + " is no definition", "write what changes rows into a migration");
    refuse(header, verb + " is no definition", taken);
  }
  if (header.temporary) refuse(header, "what is temporary is no part of a schema", taken);
  if (!header.schema.empty() && !same_name(header.schema, "main"))
    refuse(header, "the attached database " + header.schema + " is no part of this schema", "leave its name out");
  if (header.kind == kind::table && header.rest().peek().is("AS"))
    refuse(header, "CREATE TABLE … AS SELECT makes rows, too", "write the table with its columns");
}

void add_columns(std::string_view sql, const Header& header, std::vector<Mention>& out) {
  const TableText table = read_table(header);
  for (const TableColumn& column : table.columns) {
    std::size_t end = 0;  // of the token before the column
    for (const SqlToken& token : header.tokens)
      if (token.offset < column.offset) end = token.offset + token.text.size();
    if (auto old = renamed_from(sql, end, column.offset))
      out.push_back(
          {FLUX_MENTION_RENAMED, kind::column, column_ref(table.name, column.name).identity, std::move(*old)});
  }
}

}  // namespace

std::vector<Mention> read_definition(std::string_view sql) {
  const Header header = read_header(sql);
  require_definition(header);
  const std::string name = name_in_sql(header.name);
  std::vector<Mention> out{{FLUX_MENTION_DEFINES, header.kind, name}};
  if (auto old = renamed_from(sql, 0, header.tokens.front().offset))
    out.push_back({FLUX_MENTION_RENAMED, header.kind, name, std::move(*old)});
  if (header.kind == kind::table) {
    add_columns(sql, header, out);
    return out;
  }
  const ObjectText text = read_object(header, [](std::string_view) { return std::map<std::string, std::string>(); });
  if (!text.on.empty()) out.push_back({FLUX_MENTION_USES, "", name_in_sql(text.on)});
  for (const std::string& table : text.tables) out.push_back({FLUX_MENTION_USES, "", name_in_sql(table)});
  return out;
}

}  // namespace flux::sqlite
