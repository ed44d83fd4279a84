// Cuts a script into its statements.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lexer.hpp"
#include "statement_kind.hpp"

namespace flux::mariadb {

struct SplitStatement {
  std::size_t offset, length;  // without blanks and comments before it, and without what ends it
  StatementKind kind;
  // Split alone it may be something else: it holds a ";" that another delimiter than that ended, or the script has
  // changed how it is read.
  bool needs_context = false;
  // What it takes from the statement before it (LAST_INSERT_ID(), ...): where in the script that is named.
  std::optional<std::size_t> looks_back;
  Reading reading;  // how the server reads it
};

// Hands out one statement after the other. DELIMITER is obeyed as the client program does; a body between BEGIN and END
// of a procedure, function, trigger, event or compound statement is one with it without that, too.
class ScriptSplitter {
 public:
  // `text` must outlive it. `reading`: how the server reads at the beginning; SET sql_mode in the script changes it.
  ScriptSplitter(std::string_view text, Reading reading)
      : text_(text), lexer_(text, reading), reading_(reading), reads_as_(reading) {}

  // The next one that is not empty, nullopt behind the last. Throws BackendError(FLUX_E_SCRIPT) with the offset where
  // the script cannot be split: a quote without its end, a command of the client program.
  std::optional<SplitStatement> next();

 private:
  bool take_client_command();
  void take_delimiter(std::size_t line_end);
  SplitStatement read_statement();
  void note_context(SplitStatement& statement, const Words& words);
  void note_sql_mode(const SplitStatement& statement, const Words& words);

  std::string_view text_;
  Lexer lexer_;
  Reading reading_, reads_as_;  // at the beginning, now
  bool tables_locked_ = false, in_transaction_ = false, reads_otherwise_ = false;
};

}  // namespace flux::mariadb
