#include "split_script.hpp"

#include <algorithm>
#include <array>
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

// Pragmas that take an argument and set nothing by it, or that write to the database as any statement does.
constexpr std::array<std::string_view, 14> harmless_pragmas = {
    "APPLICATION_ID", "FOREIGN_KEY_CHECK", "FOREIGN_KEY_LIST", "INCREMENTAL_VACUUM", "INDEX_INFO",
    "INDEX_LIST",     "INDEX_XINFO",       "INTEGRITY_CHECK",  "OPTIMIZE",           "QUICK_CHECK",
    "TABLE_INFO",     "TABLE_LIST",        "TABLE_XINFO",      "USER_VERSION"};

std::string unquoted(const std::string& word) {
  const bool is_quoted = word.size() > 1 && std::string_view("\"'`[").find(word.front()) != std::string_view::npos;
  return is_quoted ? word.substr(1, word.size() - 2) : word;
}

// words: PRAGMA [schema .] name, then = value or ( value ) where something is set.
void classify_pragma(const std::vector<std::string>& words, Statement& statement) {
  const std::size_t at = words.size() > 3 && words[2] == "." ? 3 : 1;
  if (words.size() <= at) return;
  const std::string name = unquoted(words[at]);
  const bool has_value = words.size() > at + 1 && (words[at + 1] == "=" || words[at + 1] == "(");
  if (name == "WAL_CHECKPOINT") {
    statement.flags = FLUX_STATEMENT_OUTSIDE;
  } else if (!has_value) {
    return;
  } else if (name == "JOURNAL_MODE" || name == "SYNCHRONOUS") {
    statement.flags = FLUX_STATEMENT_NO_TRANSACTION;
  } else if (std::find(harmless_pragmas.begin(), harmless_pragmas.end(), name) == harmless_pragmas.end()) {
    statement.flags = FLUX_STATEMENT_OUTSIDE | FLUX_STATEMENT_SESSION;
  }
  if (statement.flags != 0) statement.what = "PRAGMA " + name;
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
    classify_pragma(words, statement);
  } else if (first == "ATTACH" || first == "DETACH") {
    statement.flags = FLUX_STATEMENT_OUTSIDE | FLUX_STATEMENT_SESSION;
    statement.what = first;
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
