#include "script_parts.hpp"

#include <fmt/core.h>

#include <flux/core/hash.hpp>
#include <flux/core/source_text.hpp>

namespace flux {
namespace {

bool has(const ScriptStatement& statement, unsigned flag) noexcept { return (statement.flags & flag) != 0; }

class Cutter {
 public:
  Cutter(Script& script, const std::vector<ScriptStatement>& statements) : script_(script), statements_(statements) {}

  void cut() {
    for (const ScriptStatement& statement : statements_) {
      if (has(statement, FLUX_STATEMENT_TRANSACTION_CONTROL)) control(statement);
      else if (group_) add_to_group(statement);
      else add_part(statement);
    }
    if (group_) problem(*begin_, fmt::format("{} without a COMMIT", begin_->what), "end it with COMMIT in the same script");
    script_.set_statement_count(script_.statements().size());
  }

 private:
  // From BEGIN to COMMIT is one part: flux begins and commits it, together with the history.
  void control(const ScriptStatement& statement) {
    if (!group_ && has(statement, FLUX_STATEMENT_BEGIN)) {
      group_ = true;
      begin_ = &statement;
      in_group_ = 0;
    } else if (group_ && has(statement, FLUX_STATEMENT_COMMIT)) {
      group_ = false;
    } else {
      problem(statement, fmt::format("{} in a script that runs statement by statement", statement.what),
              "only BEGIN and COMMIT around statements that belong together can stand in it");
      group_ = false;
    }
  }

  void add_to_group(const ScriptStatement& statement) {
    if (has(statement, FLUX_STATEMENT_NO_TRANSACTION))
      problem(statement, fmt::format("{} cannot run inside a transaction", statement.what), "move it out of BEGIN and COMMIT");
    // It would have to run again where the script is resumed behind the group.
    if (has(statement, FLUX_STATEMENT_SESSION))
      problem(statement, fmt::format("{} between BEGIN and COMMIT", statement.what), "move it in front of BEGIN");
    if (in_group_++ == 0) {
      add_part(statement);
      script_.edit().parts.back().in_transaction = true;
      return;
    }
    script_.edit().statements.push_back({statement.offset, statement.length});
    ScriptPart& part = script_.edit().parts.back();
    part.text.length = statement.offset + statement.length - part.text.offset;
    ++part.count;
  }

  void add_part(const ScriptStatement& statement) {
    const bool outside = has(statement, FLUX_STATEMENT_NO_TRANSACTION) || has(statement, FLUX_STATEMENT_OUTSIDE);
    const bool session = has(statement, FLUX_STATEMENT_SESSION);
    // CALL and the like may have committed a part of what they do.
    const bool all_or_nothing = !has(statement, FLUX_STATEMENT_OUTSIDE) || session;
    script_.edit().parts.push_back({{statement.offset, statement.length}, script_.statements().size(), 1, !outside, all_or_nothing, session});
    script_.edit().statements.push_back({statement.offset, statement.length});
  }

  void problem(const ScriptStatement& statement, std::string message, std::string hint) {
    Failure f;
    f.code = ErrorCode::directory;
    f.message = std::move(message);
    f.where = position_at(script_.file(), script_.text(), statement.offset);
    f.hint = std::move(hint);
    script_.edit().problems.push_back(std::move(f));
  }

  Script& script_;
  const std::vector<ScriptStatement>& statements_;
  bool group_ = false;  // between BEGIN and COMMIT
  std::size_t in_group_ = 0;
  const ScriptStatement* begin_ = nullptr;
};

}  // namespace

void cut_into_parts(Script& script, const std::vector<ScriptStatement>& statements) {
  script.edit().in_parts = true;
  Cutter(script, statements).cut();
}

void make_one_part(Script& script) {
  const TextSpan all{0, script.text().size()};
  ScriptDetails& details = script.edit();
  details.in_parts = true;
  details.statements = {all};
  details.parts = {{all, 0, 1, false, false, false}};
}

std::string done_hash(const Script& script, std::size_t count) {
  // A chain, so that counting one more costs no more than that one.
  std::string hash;
  for (std::size_t i = 0; i < count && i < script.statements().size(); ++i) hash = next_done_hash(hash, script, i);
  return hash;
}

std::string next_done_hash(const std::string& before, const Script& script, std::size_t index) {
  const TextSpan& statement = script.statements().at(index);
  return script_hash((before + '\n').append(script.text(), statement.offset, statement.length));
}

}  // namespace flux
