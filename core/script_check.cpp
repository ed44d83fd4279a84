#include "script_check.hpp"

#include <fmt/core.h>

#include <algorithm>

#include <flux/core/source_text.hpp>

#include "script_parts.hpp"

namespace flux {
namespace {

Failure problem_at(const Script& script, std::size_t offset, std::string message, std::string hint) {
  Failure f;
  f.code = ErrorCode::directory;
  f.message = std::move(message);
  f.where = position_at(script.file(), script.text(), offset);
  f.hint = std::move(hint);
  return f;
}

bool is_wrapped(const std::vector<ScriptStatement>& statements) {
  return statements.size() >= 2 && (statements.front().flags & FLUX_STATEMENT_BEGIN) != 0 &&
         (statements.back().flags & FLUX_STATEMENT_COMMIT) != 0;
}

bool fits_into_transaction(const ScriptStatement& s) { return (s.flags & (FLUX_STATEMENT_NO_TRANSACTION | FLUX_STATEMENT_SESSION)) == 0; }

// Takes off the BEGIN and the COMMIT around a whole script.
void unwrap(Script& script, std::vector<ScriptStatement>& statements) {
  for (const ScriptStatement& s : {statements.front(), statements.back()}) script.edit().taken_off.push_back({s.offset, s.length});
  statements.erase(statements.begin());
  statements.pop_back();
}

// A script whose backend cannot take back all that a transaction does: nothing that is done may go uncounted. A BEGIN and
// a COMMIT around all of it promise more than the database can keep where something in it commits by itself.
void run_in_parts(Script& script, std::optional<std::vector<ScriptStatement>> statements) {
  if (!statements) return make_one_part(script);
  if (is_wrapped(*statements) && !std::all_of(statements->begin() + 1, statements->end() - 1, fits_into_transaction)) unwrap(script, *statements);
  cut_into_parts(script, *statements);
}

}  // namespace

void check_script(Script& script, Backend& backend) {
  if (script.statement_count() || !script.problems().empty()) return;
  std::optional<std::vector<ScriptStatement>> statements;
  try {
    statements = backend.split(script);
  } catch (const Error& error) {
    for (Failure f : error.failures()) {
      f.code = ErrorCode::directory;
      script.edit().problems.push_back(std::move(f));
    }
    return;
  }
  if (script.directives().no_transaction) {
    if (statements) cut_into_parts(script, *statements);
    else script.edit().problems.push_back(problem_at(script, 0, fmt::format("the backend {} cannot run a script without a transaction", backend.library().info().name),
                                                     "remove the directive no-transaction"));
    return;
  }
  if (!backend.library().can(FLUX_CAP_TRANSACTIONAL_DDL)) return run_in_parts(script, std::move(statements));
  if (!statements) return;

  if (is_wrapped(*statements)) unwrap(script, *statements);
  script.set_statement_count(statements->size());
  for (const ScriptStatement& s : *statements) {
    if ((s.flags & FLUX_STATEMENT_TRANSACTION_CONTROL) != 0)
      script.edit().problems.push_back(
          problem_at(script, s.offset, fmt::format("{} in a script that runs in a transaction", s.what),
                     "remove it: flux begins and commits the transaction itself, together with the history"));
    else if ((s.flags & FLUX_STATEMENT_NO_TRANSACTION) != 0)
      script.edit().problems.push_back(problem_at(script, s.offset, fmt::format("{} cannot run inside a transaction", s.what),
                                                  "put the line \"-- flux: no-transaction\" at the top of the script, to have it run statement by statement"));
  }
}

}  // namespace flux
