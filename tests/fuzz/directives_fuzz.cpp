// Directives: every problem has a place in the text, and what follows the leading comment does not matter.
#include <flux/core/directives.hpp>
#include <string>

#include "fuzz.hpp"

using flux::fuzz::require;

namespace {

bool same(const flux::Directives& a, const flux::Directives& b) {
  return a.draft == b.draft && a.irreversible == b.irreversible && a.on_change == b.on_change &&
         a.no_transaction == b.no_transaction && a.lock_timeout == b.lock_timeout &&
         a.statement_timeout == b.statement_timeout;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(flux::fuzz::text_of(data, size));
  std::vector<flux::DirectiveProblem> problems;
  const flux::Directives directives = flux::parse_directives(text, problems);
  for (std::size_t i = 0; i < problems.size(); ++i) {
    require(problems[i].offset <= text.size(), "a problem lies in the text");
    require(i == 0 || problems[i].offset > problems[i - 1].offset, "problems are in order");
    require(!problems[i].message.empty(), "a problem says what it is");
  }
  require(!directives.lock_timeout || directives.lock_timeout->count() >= 0, "a lock timeout is not negative");
  require(!directives.statement_timeout || directives.statement_timeout->count() >= 0,
          "a statement timeout is not negative");

  std::vector<flux::DirectiveProblem> again;
  const flux::Directives longer = flux::parse_directives(text + "\nselect 1;\n-- flux: what this is about\n", again);
  require(same(directives, longer) && problems.size() == again.size(), "directives stand in the leading comment");
  return 0;
}
