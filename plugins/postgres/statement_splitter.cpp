#include "statement_splitter.hpp"

#include <algorithm>
#include <flux/backend.hpp>
#include <string>

namespace flux::postgres {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continues_tag(char c) { return starts_word(c) || is_digit(c); }
bool continues_word(char c) { return continues_tag(c) || c == '$'; }

std::string upper(std::string_view word) {
  std::string out(word);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

// CREATE [OR REPLACE] FUNCTION or PROCEDURE: the statements that may hold a BEGIN ATOMIC body.
bool creates_routine(const std::vector<Word>& words) {
  if (words.size() < 2 || words[0].text != "CREATE") return false;
  const std::size_t object = words.size() >= 4 && words[1].text == "OR" && words[2].text == "REPLACE" ? 3 : 1;
  return words[object].text == "FUNCTION" || words[object].text == "PROCEDURE";
}

}  // namespace

std::optional<ScriptStatement> ScriptSplitter::next() {
  words_.clear();
  previous_.clear();
  body_possible_ = false;
  parentheses_ = bodies_ = 0;
  ScriptStatement statement;
  std::size_t last = 0;
  for (;;) {
    while (skip_blank()) {
    }
    if (at_ >= text_.size()) break;
    if (peek() == ';' && parentheses_ == 0 && bodies_ == 0) {
      ++at_;
      if (words_.empty()) continue;
      break;
    }
    if (words_.empty()) statement.offset = at_;
    read_token();
    last = at_;
  }
  if (words_.empty()) return std::nullopt;
  statement.length = last - statement.offset;
  statement.sql_end = statement.end = at_ > last && text_[at_ - 1] == ';' ? at_ : last;
  statement.kind = kind_of(words_);
  if (statement.kind.conforming_strings >= 0) conforming_strings_ = statement.kind.conforming_strings == 1;
  if (statement.kind.takes_data) read_data(statement);
  ++index_;
  return statement;
}

// Passes over one run of blanks or one comment; false where there is none.
bool ScriptSplitter::skip_blank() {
  if (at_ >= text_.size()) return false;
  if (is_blank(peek())) {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    return true;
  }
  if (looking_at("--")) return skip_line(), true;
  if (looking_at("/*")) return skip_block_comment(), true;
  return false;
}

void ScriptSplitter::skip_line() {
  const std::size_t newline = text_.find('\n', at_);
  at_ = newline == std::string_view::npos ? text_.size() : newline;
}

void ScriptSplitter::skip_block_comment() {
  const std::size_t start = at_;
  int depth = 0;
  do {
    const std::size_t edge = text_.find_first_of("/*", at_);
    if (edge == std::string_view::npos) refuse(start, "unterminated /* comment", "comments nest: each /* needs its */");
    at_ = edge;
    if (looking_at("/*")) {
      ++depth;
      at_ += 2;
    } else if (looking_at("*/")) {
      --depth;
      at_ += 2;
    } else {
      ++at_;
    }
  } while (depth > 0);
}

// From an opening quote to behind the closing one.
void ScriptSplitter::skip_quoted(char quote, bool backslashes) {
  const std::size_t start = at_++;
  const char stops[] = {quote, '\\', '\0'};
  for (;;) {
    at_ = text_.find_first_of(std::string_view(stops, backslashes ? 2 : 1), at_);
    if (at_ == std::string_view::npos)
      refuse(start, quote == '"' ? "unterminated quoted identifier" : "unterminated quoted string",
             "the quote that begins here has no end");
    if (text_[at_] == '\\') {
      at_ = std::min(at_ + 2, text_.size());
      continue;
    }
    ++at_;
    if (peek() == quote) {
      ++at_;
      continue;
    }
    if (quote != '\'' || !continues_string()) return;
  }
}

// 'a' <line end> 'b' is one string, read to its end by the rules of its beginning: moves behind the second quote.
bool ScriptSplitter::continues_string() {
  const std::size_t here = at_;
  bool newline = false;
  for (;;) {
    if (is_blank(peek())) {
      newline = newline || peek() == '\n' || peek() == '\r';
      ++at_;
    } else if (looking_at("--")) {
      skip_line();
    } else {
      break;
    }
  }
  if (newline && peek() == '\'') return ++at_, true;
  at_ = here;
  return false;
}

// $tag$ ... $tag$; false where a dollar sign does not open one.
bool ScriptSplitter::skip_dollar_quoted() {
  const std::size_t start = at_;
  std::size_t close = at_ + 1;
  if (close < text_.size() && starts_word(text_[close]))
    while (close < text_.size() && continues_tag(text_[close])) ++close;
  if (close >= text_.size() || text_[close] != '$') return false;
  const std::string_view tag = text_.substr(start, close + 1 - start);
  const std::size_t end = text_.find(tag, close + 1);
  if (end == std::string_view::npos)
    refuse(start, "unterminated dollar-quoted string", "the quote that begins here has no end");
  at_ = end + tag.size();
  return true;
}

void ScriptSplitter::read_token() {
  const char c = peek();
  token_ = at_;
  if (c == '\\') refuse_psql_command();
  if (starts_word(c)) return read_word();
  if (c == '\'') return read_string(!conforming_strings_);
  if (c == '"') {
    skip_quoted('"', false);
    return add("\"");
  }
  if (c == '$') {
    if (skip_dollar_quoted()) return add("'");
    ++at_;
    while (is_digit(peek())) ++at_;
    return add("$");
  }
  if (is_digit(c)) {
    const std::size_t start = at_;
    while (is_digit(peek())) ++at_;
    return add(std::string(text_.substr(start, at_ - start)));
  }
  read_mark(c);
}

void ScriptSplitter::read_word() {
  const std::size_t start = at_;
  while (at_ < text_.size() && continues_word(text_[at_])) ++at_;
  const std::string_view word = text_.substr(start, at_ - start);
  if (peek() == '\'' && word.size() == 1) {
    // E'' knows backslashes whatever the settings say, B'' and X'' never; N'' is an ordinary string.
    const char prefix = word[0];
    const bool escapes = prefix == 'e' || prefix == 'E';
    const bool bits = prefix == 'b' || prefix == 'B' || prefix == 'x' || prefix == 'X';
    if (escapes || bits || prefix == 'n' || prefix == 'N')
      return read_string(escapes || (!bits && !conforming_strings_));
  }
  const std::string text = upper(word);
  track_body(text);
  add(text);
}

void ScriptSplitter::read_string(bool backslashes) {
  constexpr std::size_t longest_option = 16;
  const std::size_t start = at_;
  skip_quoted('\'', backslashes);
  add(upper(text_.substr(start, std::min(at_ - start, longest_option))));
}

void ScriptSplitter::read_mark(char mark) {
  ++at_;
  if (mark == ')' && parentheses_ > 0) --parentheses_;
  add(std::string(1, mark));
  if (mark == '(') ++parentheses_;
}

// Semicolons inside BEGIN ATOMIC ... END do not end the statement. A word behind AS or a point is a name.
void ScriptSplitter::track_body(const std::string& word) {
  if (!body_possible_ || previous_ == "." || previous_ == "AS") return;
  if (bodies_ == 0) {
    if (word == "ATOMIC" && previous_ == "BEGIN" && parentheses_ == 0) bodies_ = 1;
  } else if (word == "CASE") {
    ++bodies_;
  } else if (word == "END") {
    --bodies_;
  }
}

void ScriptSplitter::add(std::string text) {
  if (words_.size() < words_that_matter) {
    words_.push_back({text, parentheses_, token_, at_});
    if (words_.size() <= 4 && creates_routine(words_)) body_possible_ = true;
  }
  previous_ = std::move(text);
}

// The lines behind COPY ... FROM STDIN, up to the one that is `\.`.
void ScriptSplitter::read_data(ScriptStatement& statement) {
  std::size_t line = statement.sql_end;
  while (line < text_.size() && text_[line] != '\n' && is_blank(text_[line])) ++line;
  if (line < text_.size() && text_[line] != '\n' && text_.compare(line, 2, "--") != 0)
    refuse(line, "COPY ... FROM STDIN must be the last on its line", "its data begins on the next line");
  line = text_.find('\n', line);
  const std::size_t first = line == std::string_view::npos ? text_.size() : line + 1;
  for (line = first; line < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', line), text_.size());
    if (text_.substr(line, end - line) == "\\.") {
      statement.data_offset = first;
      statement.data_length = line - first;
      statement.length = end - statement.offset;
      statement.end = at_ = end;
      return;
    }
    line = end + 1;
  }
  refuse(statement.offset, "COPY ... FROM STDIN without data",
         "its data follows on the next lines and ends with a line \\.");
}

void ScriptSplitter::refuse(std::size_t offset, const std::string& message, const char* hint) const {
  throw BackendError(FLUX_E_SCRIPT, message)
      .hint(hint)
      .statement(static_cast<std::int64_t>(index_))
      .offset(static_cast<std::int64_t>(offset));
}

void ScriptSplitter::refuse_psql_command() const {
  std::size_t end = at_ + 1;
  while (end < text_.size() && continues_word(text_[end])) ++end;
  if (end == at_ + 1 && end < text_.size() && !is_blank(text_[end]) && text_[end] > ' ') ++end;
  refuse(at_, "psql command \"" + std::string(text_.substr(at_, end - at_)) + "\" is not SQL",
         "only psql knows commands that begin with a backslash; write SQL instead");
}

}  // namespace flux::postgres
