#include "statement_splitter.hpp"

#include <algorithm>
#include <flux/backend.hpp>

#include "compound_body.hpp"

namespace flux::mariadb {
namespace {

std::string in_capitals(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
  return out;
}

// As in Words.
std::string seen(const Lexer& lexer, const Token& token) {
  switch (token.kind) {
    case Token::Kind::word:
      return in_capitals(lexer.text(token));
    case Token::Kind::name:
      return "`";
    case Token::Kind::string:
      return "'";
    default:
      return std::string(lexer.text(token));
  }
}

[[noreturn]] void refuse(const std::string& what, std::size_t offset, const std::string& hint) {
  throw BackendError(FLUX_E_SCRIPT, what).offset(static_cast<std::int64_t>(offset)).hint(hint);
}

[[noreturn]] void refuse_client_command(const std::string& command, std::size_t offset) {
  refuse(command + " is a command of the client program mariadb, not of the server", offset,
         "take it out; of those commands only DELIMITER can stand in a script");
}

// Those that no statement of the server begins with.
bool is_client_command(const std::string& word) {
  return is_one_of(word, {"SOURCE", "SYSTEM", "TEE", "NOTEE", "PAGER", "NOPAGER", "PROMPT", "REHASH", "CHARSET", "EDIT",
                          "EGO", "DELIMITER"});
}

// One "target = value" of a SET statement.
struct Assignment {
  Words target;  // without "@" and "."
  int ats = 0;   // so many "@" are in it
  std::size_t value = std::string_view::npos, value_end = 0;
};

std::vector<Assignment> assignments_of(std::string_view statement, Reading reading) {
  std::vector<Assignment> out(1);
  Lexer lexer(statement, reading);
  int depth = 0;
  while (const auto token = lexer.next()) {
    const std::string word = seen(lexer, *token);
    Assignment& last = out.back();
    depth += word == "(" ? 1 : word == ")" ? -1 : 0;
    if (word == "," && depth == 0) {
      out.emplace_back();
    } else if (last.value != std::string_view::npos) {
      last.value_end = token->offset + token->length;
    } else if (word == "=") {
      last.value = last.value_end = token->offset + token->length;
    } else if (word == "@") {
      ++last.ats;
    } else if (token->kind == Token::Kind::word) {
      last.target.push_back(word);
    }
  }
  return out;
}

// What a SET statement gives to the session's sql_mode, in capitals; nullopt where it leaves that alone. GLOBAL and the
// like hold for what follows as well, until something else is said.
std::optional<std::string> session_sql_mode(std::string_view statement, Reading reading) {
  std::optional<std::string> out;
  bool of_session = true;
  for (const Assignment& assignment : assignments_of(statement, reading)) {
    const auto names = [&](const char* word) {
      return std::find(assignment.target.begin(), assignment.target.end(), word) != assignment.target.end();
    };
    const bool server = names("GLOBAL") || names("PERSIST") || names("PERSIST_ONLY");
    if (assignment.ats == 0 && (server || names("SESSION") || names("LOCAL"))) of_session = !server;
    const bool it_counts = assignment.ats == 0 ? of_session : assignment.ats == 2 && !server;
    if (it_counts && !assignment.target.empty() && assignment.target.back() == "SQL_MODE" &&
        assignment.value != std::string_view::npos)
      out = in_capitals(statement.substr(assignment.value, assignment.value_end - assignment.value));
  }
  return out;
}

bool looks_back(const std::string& word, const std::string& next) {
  return next == "(" && is_one_of(word, {"LAST_INSERT_ID", "ROW_COUNT", "FOUND_ROWS"});
}

}  // namespace

std::optional<SplitStatement> ScriptSplitter::next() {
  for (;;) {
    lexer_.skip_blanks();
    if (lexer_.position() >= text_.size()) break;
    if (take_client_command()) continue;
    if (!lexer_.skip_delimiter()) return read_statement();
  }
  return std::nullopt;
}

// DELIMITER is not for the server.
bool ScriptSplitter::take_client_command() {
  const std::size_t begin = lexer_.position();
  std::size_t end = begin;
  while (end < text_.size() && ((text_[end] | 0x20) >= 'a') && ((text_[end] | 0x20) <= 'z')) ++end;
  const bool stands_alone = end >= text_.size() || text_[end] == ' ' || text_[end] == '\t' || text_[end] == '\n';
  const std::string word = in_capitals(text_.substr(begin, end - begin));
  if (!stands_alone || !is_client_command(word)) return false;
  if (word != "DELIMITER") refuse_client_command(word, begin);
  const std::size_t line_end = std::min(text_.find('\n', begin), text_.size());
  lexer_.move_to(end);
  take_delimiter(line_end);
  return true;
}

// The first word behind DELIMITER; the rest of the line does not count.
void ScriptSplitter::take_delimiter(std::size_t line_end) {
  const std::size_t command = lexer_.position();
  const std::size_t begin = std::min(text_.find_first_not_of(" \t", command), line_end);
  const std::size_t end = std::min(text_.find_first_of(" \t\n", begin), line_end);
  std::string delimiter(text_.substr(begin, end - begin));
  if (delimiter.empty()) refuse("DELIMITER without one", command, "write DELIMITER // or another one");
  if (delimiter.find_first_of("\\'\"`") != std::string::npos)
    refuse("a delimiter with a quote or a backslash", begin, "write DELIMITER // or another one");
  if (in_transaction_)
    refuse("DELIMITER between BEGIN and COMMIT", command, "move it in front of BEGIN or behind COMMIT");
  lexer_.set_delimiter(std::move(delimiter));
  lexer_.move_to(line_end);
}

SplitStatement ScriptSplitter::read_statement() {
  SplitStatement out{lexer_.position(), 0, {}, reads_otherwise_, std::nullopt, reads_as_};
  const bool own_delimiter = lexer_.delimiter() != ";";
  CompoundBody body;
  Words words;
  std::optional<Token> token = lexer_.next();
  for (; token;) {
    const bool ends = token->kind == Token::Kind::delimiter;
    if (ends && (own_delimiter || !body.is_open())) break;
    const std::string word = seen(lexer_, *token);
    const std::size_t offset = token->offset;
    if (token->kind == Token::Kind::symbol && word == "\\")
      refuse_client_command(std::string(text_.substr(offset, 2)), offset);
    out.length = token->offset + token->length - out.offset;
    out.needs_context = out.needs_context || (own_delimiter && word == ";");
    const bool edge = token->kind == Token::Kind::begin_conditional || token->kind == Token::Kind::end_conditional;
    token = lexer_.next();
    const std::string following = token ? seen(lexer_, *token) : std::string();
    if (edge) continue;
    if (!own_delimiter) body.take(word, following);
    if (looks_back(word, following) && !out.looks_back) out.looks_back = offset;
    if (words.size() < words_that_matter) words.push_back(word);
  }
  if (!token && !own_delimiter && body.is_open())
    refuse("BEGIN, IF, CASE or a loop without its END", out.offset, "end it, or say where it ends with DELIMITER");
  out.kind = kind_of(words);
  note_context(out, words);
  note_sql_mode(out, words);
  return out;
}

// What the statements before it make of it.
void ScriptSplitter::note_context(SplitStatement& statement, const Words& words) {
  StatementKind& kind = statement.kind;
  if ((kind.flags & FLUX_STATEMENT_BEGIN) != 0) {
    if (lexer_.delimiter() != ";")
      refuse(kind.what + " where DELIMITER is not ;", statement.offset, "write DELIMITER ; before it");
    in_transaction_ = true;
    return;
  }
  if ((kind.flags & FLUX_STATEMENT_TRANSACTION_CONTROL) != 0) {
    in_transaction_ = false;
    return;
  }
  // What is done in one transaction is not resumed in the middle of it: its variables need not come back.
  const bool variable = (word_at(words, 0) == "SET" && word_at(words, 1) == "@" && word_at(words, 2) != "@") ||
                        kind.what == "SELECT INTO";
  if (in_transaction_ && variable) kind = {};
  if (kind.locks_tables) tables_locked_ = true;
  if (kind.unlocks_tables) tables_locked_ = false;
  // To begin a transaction would unlock the tables, and the history is not among them.
  if (tables_locked_ && kind.flags == 0) {
    kind.flags = FLUX_STATEMENT_OUTSIDE;
    kind.what = word_at(words, 0) + " behind LOCK TABLES";
  }
}

// SET sql_mode = '...' changes how the rest is read; from a variable comes what was there before.
void ScriptSplitter::note_sql_mode(const SplitStatement& statement, const Words& words) {
  if (word_at(words, 0) != "SET" || word_at(words, 1) == "STATEMENT" ||
      std::find(words.begin(), words.end(), "SQL_MODE") == words.end())
    return;
  std::optional<std::string> mode =
      session_sql_mode(text_.substr(statement.offset, statement.length), statement.reading);
  if (!mode) return;
  Reading reading = reading_;
  if (mode->find('@') == std::string::npos || mode->find('\'') != std::string::npos) {
    std::replace_if(
        mode->begin(), mode->end(), [](char c) { return c == '\'' || c == '"' || c == ' '; }, ',');
    reading = Reading::of(*mode);
  }
  lexer_.read_as(reading);
  reads_as_ = reading;
  reads_otherwise_ = reading != reading_;
}

}  // namespace flux::mariadb
