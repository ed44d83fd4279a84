// The statements of a PostgreSQL script: in order, apart from each other, and everything between them is empty.
#include <algorithm>
#include <cctype>
#include <flux/backend.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "plugins/postgres/statement_splitter.hpp"

using flux::fuzz::require;
using flux::postgres::ScriptStatement;

namespace {

// nullopt: it was refused, with a place in it.
std::optional<std::vector<ScriptStatement>> split(std::string_view text) {
  std::vector<ScriptStatement> out;
  try {
    flux::postgres::ScriptSplitter splitter(text);
    while (const auto statement = splitter.next()) out.push_back(*statement);
  } catch (const flux::BackendError& error) {
    require(error.code() == FLUX_E_SCRIPT, "a script is refused as a script");
    require(error.offset() >= 0 && static_cast<std::size_t>(error.offset()) < text.size(),
            "a refusal lies in the text");
    require(error.statement() == static_cast<std::int64_t>(out.size()), "a refusal names the statement");
    return std::nullopt;
  }
  return out;
}

// Whether backslashes escape is then decided by what stands before a statement.
bool changes_strings(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.find("standard_conforming_strings") != std::string::npos;
}

void require_inside(const ScriptStatement& s, std::size_t begin, std::size_t size) {
  require(s.offset >= begin && s.length > 0, "statements are in order and not empty");
  require(s.offset < s.sql_end && s.sql_end <= s.end && s.end <= size, "statements lie in the text");
  require(s.offset + s.length <= s.end, "a statement ends before the next begins");
  const bool data_inside = s.data_offset >= s.sql_end && s.data_offset + s.data_length <= s.end;
  require(s.kind.takes_data ? data_inside : s.data_length == 0, "data lies behind its statement");
  require((s.kind.flags == 0) == s.kind.what.empty(), "what has a flag has a name");
}

void require_empty(std::string_view between) {
  const auto statements = split(between);
  require(statements && statements->empty(), "there is nothing between statements");
}

void require_same_alone(std::string_view text, const ScriptStatement& statement) {
  const auto alone = split(text);
  require(alone && alone->size() == 1, "a statement alone is one statement");
  const ScriptStatement& same = alone->front();
  require(same.offset == 0 && same.length == statement.length, "a statement alone has the same bounds");
  require(same.kind.flags == statement.kind.flags && same.kind.what == statement.kind.what,
          "a statement alone is of the same kind");
  require(same.data_length == statement.data_length, "a statement alone takes the same data");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = flux::fuzz::text_of(data, size);
  const auto statements = split(text);
  if (!statements) return 0;
  const bool order_matters = changes_strings(text);
  std::size_t end = 0;
  for (const ScriptStatement& statement : *statements) {
    require_inside(statement, end, text.size());
    require_empty(text.substr(end, statement.offset - end));
    if (!order_matters) require_same_alone(text.substr(statement.offset, statement.length), statement);
    end = statement.end;
  }
  require_empty(text.substr(end));
  return 0;
}
