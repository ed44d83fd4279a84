// The statements of a SQLite script: in order, apart from each other, and everything between them is empty.
#include <optional>
#include <vector>

#include "fuzz.hpp"
#include "plugins/sqlite/split_script.hpp"

using flux::fuzz::require;

namespace {

// nullopt: it was refused, with a place in it.
std::optional<std::vector<flux::Statement>> split(std::string_view text) {
  std::vector<flux::Statement> out;
  try {
    flux::sqlite::split_script(text, [&](const flux::Statement& statement) { out.push_back(statement); });
  } catch (const flux::BackendError& error) {
    require(error.code() == FLUX_E_SCRIPT, "a script is refused as a script");
    require(error.offset() >= 0 && static_cast<std::size_t>(error.offset()) < text.size(),
            "a refusal lies in the text");
    return std::nullopt;
  }
  return out;
}

void require_empty(std::string_view between) {
  const auto statements = split(between);
  require(statements && statements->empty(), "there is nothing between statements");
}

void require_same_alone(std::string_view text, const flux::Statement& statement) {
  const auto alone = split(text);
  require(alone && alone->size() == 1, "a statement alone is one statement");
  const flux::Statement& same = alone->front();
  require(same.offset == 0 && same.length == statement.length, "a statement alone has the same bounds");
  require(same.flags == statement.flags && same.what == statement.what, "a statement alone is of the same kind");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = flux::fuzz::text_of(data, size);
  const auto statements = split(text);
  if (!statements) return 0;
  std::size_t end = 0;
  for (const flux::Statement& statement : *statements) {
    require(statement.offset >= end && statement.length > 0, "statements are in order and not empty");
    require(statement.offset + statement.length <= text.size(), "statements lie in the text");
    require((statement.flags == 0) == statement.what.empty(), "what has a flag has a name");
    require_empty(text.substr(end, statement.offset - end));
    require_same_alone(text.substr(statement.offset, statement.length), statement);
    end = statement.offset + statement.length;
  }
  require_empty(text.substr(end));
  return 0;
}
