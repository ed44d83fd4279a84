#include "split_script.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "lexer.hpp"

namespace flux::sqlite {
namespace {

// More words than this from the start of a statement decide nothing.
constexpr std::size_t most_words = 8;

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

// A PRAGMA that sets what SQLite does not change inside a transaction: it refuses, or does nothing and says nothing.
// words: PRAGMA [schema .] name = value, or name ( value ).
std::string fixed_pragma(const std::vector<std::string>& words) {
  std::size_t at = 1;
  if (words.size() > 3 && words[2] == ".") at = 3;
  if (words.size() < at + 2 || (words[at + 1] != "=" && words[at + 1] != "(")) return {};
  return words[at] == "JOURNAL_MODE" || words[at] == "SYNCHRONOUS" ? "PRAGMA " + words[at] : std::string();
}

// What the first words say about the whole statement.
void classify(const std::vector<std::string>& words, Statement& statement) {
  const std::string& first = words.front();
  if (first == "BEGIN") {
    statement.flags = FLUX_STATEMENT_BEGIN | FLUX_STATEMENT_TRANSACTION_CONTROL;
    statement.what = first;
  } else if (first == "COMMIT" || first == "END") {
    statement.flags = FLUX_STATEMENT_COMMIT | FLUX_STATEMENT_TRANSACTION_CONTROL;
    statement.what = first;
  } else if (first == "ROLLBACK" && std::find(words.begin(), words.end(), "TO") == words.end()) {
    statement.flags = FLUX_STATEMENT_TRANSACTION_CONTROL;
    statement.what = first;
  } else if (first == "VACUUM") {
    statement.flags = FLUX_STATEMENT_NO_TRANSACTION;
    statement.what = first;
  } else if (first == "PRAGMA") {
    statement.what = fixed_pragma(words);
    if (!statement.what.empty()) statement.flags = FLUX_STATEMENT_NO_TRANSACTION;
  }
}

bool begins_trigger(const std::vector<std::string>& words) {
  std::size_t at = words.front() == "EXPLAIN" ? 1 : 0;
  if (at == 1 && words.size() > 2 && words[1] == "QUERY" && words[2] == "PLAN") at = 3;
  if (words.size() <= at || words[at] != "CREATE") return false;
  ++at;
  if (words.size() > at && (words[at] == "TEMP" || words[at] == "TEMPORARY")) ++at;
  return words.size() > at && words[at] == "TRIGGER";
}

// One statement while it is read.
class Collector {
 public:
  Collector(std::string_view text, const std::function<void(const Statement&)>& emit) : text_(text), emit_(emit) {}

  void add(const Token& token) {
    if (words_.empty()) begin(token);
    statement_.length = token.offset + token.length - statement_.offset;
    if (words_.size() < most_words) words_.push_back(upper(text_.substr(token.offset, token.length)));
    // A trigger's body is closed by an END that follows a semicolon; that of CASE never does.
    const bool is_end =
        token.kind == TokenKind::word && token.length == 3 && upper(text_.substr(token.offset, 3)) == "END";
    if (in_trigger_ && after_semicolon_ && is_end) trigger_ended_ = true;
    after_semicolon_ = false;
    if (!in_trigger_) in_trigger_ = begins_trigger(words_);
  }

  void semicolon(const Token& token) {
    if (in_trigger_ && !trigger_ended_) {
      after_semicolon_ = true;
      statement_.length = token.offset + token.length - statement_.offset;
    } else {
      finish();
    }
  }

  void finish() {
    if (!words_.empty()) {
      classify(words_, statement_);
      emit_(statement_);
    }
    statement_ = {};
    words_.clear();
    in_trigger_ = trigger_ended_ = after_semicolon_ = false;
  }

 private:
  void begin(const Token& token) {
    statement_.offset = token.offset;
    if (text_[token.offset] != '.') return;
    const std::string_view line = text_.substr(token.offset, text_.find_first_of(" \t\n", token.offset) - token.offset);
    throw BackendError(FLUX_E_SCRIPT, "\"" + std::string(line) + "\" is a command of the sqlite3 shell, not SQL")
        .hint("write what it does as SQL, or leave it out")
        .offset(static_cast<std::int64_t>(token.offset));
  }

  std::string_view text_;
  const std::function<void(const Statement&)>& emit_;
  Statement statement_;
  std::vector<std::string> words_;  // the first tokens, in upper case
  bool in_trigger_ = false, trigger_ended_ = false, after_semicolon_ = false;
};

}  // namespace

void split_script(std::string_view text, const std::function<void(const Statement&)>& emit) {
  Collector collector(text, emit);
  Lexer lexer(text);
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (token.kind == TokenKind::semicolon) {
      collector.semicolon(token);
    } else {
      collector.add(token);
    }
  }
  collector.finish();
}

}  // namespace flux::sqlite
