// The statements of a MariaDB script: in order, apart from each other, and within the text, however the server reads.
#include <flux/backend.hpp>

#include "fuzz.hpp"
#include "plugins/mariadb/statement_splitter.hpp"

using flux::fuzz::require;

namespace {

void check_statement(std::string_view text, const flux::mariadb::SplitStatement& statement, std::size_t end) {
  require(statement.offset >= end && statement.length > 0, "statements are in order and not empty");
  require(statement.offset + statement.length <= text.size(), "statements lie in the text");
  const char first = text[statement.offset], last = text[statement.offset + statement.length - 1];
  require(first != ' ' && first != '\n' && last != ' ' && last != '\n', "statements have no blanks around them");
  require((statement.kind.flags == 0) == statement.kind.what.empty(), "what has a flag has a name");
  if (statement.looks_back)
    require(*statement.looks_back >= statement.offset && *statement.looks_back < statement.offset + statement.length,
            "what looks back lies in the statement");
}

void split(std::string_view text, flux::mariadb::Reading reading) {
  try {
    flux::mariadb::ScriptSplitter splitter(text, reading);
    for (std::size_t end = 0; const auto statement = splitter.next(); end = statement->offset + statement->length)
      check_statement(text, *statement, end);
  } catch (const flux::BackendError& error) {
    require(error.code() == FLUX_E_SCRIPT, "a script is refused as a script");
    require(error.offset() >= 0 && static_cast<std::size_t>(error.offset()) <= text.size(),
            "a refusal lies in the text");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = flux::fuzz::text_of(data, size);
  for (const bool ansi : {false, true})
    for (const bool no_backslashes : {false, true}) split(text, {ansi, no_backslashes});
  return 0;
}
