// Cuts a script into its statements, as psql would: quotes, comments, function bodies and COPY data are seen.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "statement_kind.hpp"

namespace flux::postgres {

// A statement and where it lies in the script, in bytes.
struct ScriptStatement {
  std::size_t offset = 0;   // of its first word: blanks and comments before it are not part of it
  std::size_t length = 0;   // without the semicolon; with the data and its final line where it takes data
  std::size_t sql_end = 0;  // just after its semicolon (or its last word): what is sent as SQL ends here
  std::size_t end = 0;      // where the next statement's blanks begin
  std::size_t data_offset = 0, data_length = 0;  // of the lines after COPY ... FROM STDIN, without the final "\."
  StatementKind kind;
};

// Reads the statements of one script one after the other. Statements without a word (`;;`, comments) are passed
// over, as the server does. standard_conforming_strings is as given until the script sets it.
// `text` must outlive the splitter.
class ScriptSplitter {
 public:
  explicit ScriptSplitter(std::string_view text, bool conforming_strings = true)
      : text_(text), conforming_strings_(conforming_strings) {}

  // The next statement, or none at the end. Throws BackendError(FLUX_E_SCRIPT) with the byte offset and the
  // statement's index for an unfinished quote or comment (where it begins), a psql command, COPY data without end.
  std::optional<ScriptStatement> next();

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool looking_at(std::string_view expected) const { return text_.compare(at_, expected.size(), expected) == 0; }

  bool skip_blank();
  void skip_line();
  void skip_block_comment();
  void skip_quoted(char quote, bool backslashes);
  bool continues_string();
  bool skip_dollar_quoted();
  void read_token();
  void read_word();
  void read_string(bool backslashes);
  void read_mark(char mark);
  void track_body(const std::string& word);
  void add(std::string text);
  void read_data(ScriptStatement& statement);
  [[noreturn]] void refuse(std::size_t offset, const std::string& message, const char* hint) const;
  [[noreturn]] void refuse_psql_command() const;

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t index_ = 0;  // of the statement that is being read
  bool conforming_strings_;

  // About the statement that is being read.
  std::vector<Word> words_;
  bool body_possible_ = false;  // it is CREATE FUNCTION or PROCEDURE
  std::string previous_;        // the word before, also behind those that matter
  std::size_t token_ = 0;       // where the current token begins
  int parentheses_ = 0;
  int bodies_ = 0;  // BEGIN ATOMIC and, inside it, CASE that wait for their END
};

}  // namespace flux::postgres
