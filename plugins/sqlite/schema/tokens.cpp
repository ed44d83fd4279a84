#include "tokens.hpp"

#include <algorithm>
#include <array>
#include <flux/backend.hpp>
#include <string>

#include "../lexer.hpp"
#include "names.hpp"

namespace flux::sqlite {
namespace {

constexpr std::array<std::string_view, 10> long_operators = {"->>", "->", "||", "<=", "<>",
                                                             "<<",  ">=", ">>", "==", "!="};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Puts together what the lexer tells apart: "it""s", 1.5e-3, X'00', <=.
class Joiner {
 public:
  explicit Joiner(std::string_view text) : text_(text) {
    Lexer lexer(text);
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) parts_.push_back(token);
  }

  std::vector<SqlToken> joined() {
    std::vector<SqlToken> out;
    std::size_t end = 0;
    while (at_ < parts_.size()) {
      SqlToken token;
      const Token first = parts_[at_++];
      token.offset = first.offset;
      token.apart = first.offset > end;
      end_ = first.offset + first.length;
      token.kind = join(first);
      token.text = text_.substr(first.offset, end_ - first.offset);
      end = end_;
      out.push_back(token);
    }
    return out;
  }

 private:
  // Is there a next part right behind what is taken?
  bool touches(std::size_t ahead = 0) const {
    return at_ + ahead < parts_.size() && (ahead == 0 ? parts_[at_].offset == end_ : touches_previous(at_ + ahead));
  }
  bool touches_previous(std::size_t i) const { return parts_[i].offset == parts_[i - 1].offset + parts_[i - 1].length; }
  char first_char(std::size_t ahead = 0) const { return text_[parts_[at_ + ahead].offset]; }
  void take() {
    end_ = parts_[at_].offset + parts_[at_].length;
    ++at_;
  }

  SqlTokenKind join(const Token& first) {
    const char c = text_[first.offset];
    if (first.kind == TokenKind::quoted) {
      while (c != '[' && touches() && first_char() == c) take();
      return c == '\'' ? SqlTokenKind::text : SqlTokenKind::name;
    }
    if (first.kind == TokenKind::word) {
      if (is_digit(c)) return join_number(first.offset);
      if (first.length == 1 && (c == 'x' || c == 'X') && touches() && first_char() == '\'') {
        take();
        return SqlTokenKind::value;
      }
      return SqlTokenKind::word;
    }
    if (c == '.' && touches() && is_digit(first_char())) return join_number(first.offset);
    for (const std::string_view known : long_operators) {
      if (text_.compare(first.offset, known.size(), known) != 0) continue;
      while (end_ < first.offset + known.size()) take();
      break;
    }
    return SqlTokenKind::symbol;
  }

  SqlTokenKind join_number(std::size_t begin) {
    const bool is_hex = text_.size() > begin + 1 && (text_[begin + 1] == 'x' || text_[begin + 1] == 'X');
    while (!is_hex && touches()) {
      const char last = text_[end_ - 1], next = first_char();
      const bool in_exponent = last == 'e' || last == 'E';
      const bool is_sign = (next == '+' || next == '-') && in_exponent && touches(1) && is_digit(first_char(1));
      if (next != '.' && !is_sign && parts_[at_].kind != TokenKind::word) break;
      take();
    }
    return SqlTokenKind::value;
  }

  std::string_view text_;
  std::vector<Token> parts_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;  // of what is taken, in the text
};

}  // namespace

bool SqlToken::is(std::string_view keyword) const { return kind == SqlTokenKind::word && same_name(text, keyword); }

std::vector<SqlToken> sql_tokens(std::string_view text) { return Joiner(text).joined(); }

const SqlToken& TokenReader::peek(std::size_t ahead) const {
  static const SqlToken none;
  return at_ + ahead < end_ ? (*tokens_)[at_ + ahead] : none;
}

const SqlToken& TokenReader::take() {
  const SqlToken& token = peek();
  if (at_ < end_) ++at_;
  return token;
}

bool TokenReader::accept(std::string_view keyword) {
  if (!peek().is(keyword)) return false;
  ++at_;
  return true;
}

bool TokenReader::accept(char symbol) {
  if (!peek().is(symbol)) return false;
  ++at_;
  return true;
}

void TokenReader::expect(std::string_view keyword) {
  if (!accept(keyword)) refuse(keyword);
}

void TokenReader::expect(char symbol) {
  if (!accept(symbol)) refuse(std::string_view(&symbol, 1));
}

std::string_view TokenReader::take_name_token() {
  const SqlToken& token = peek();
  if (done() || token.kind == SqlTokenKind::symbol || token.kind == SqlTokenKind::value) refuse("a name");
  return take().text;
}

TokenReader TokenReader::take_brackets() {
  expect('(');
  const std::size_t begin = at_;
  for (int depth = 1; !done();) {
    const SqlToken& token = take();
    if (token.is('(')) ++depth;
    if (token.is(')') && --depth == 0) return {*tokens_, begin, at_ - 1};
  }
  refuse(")");
}

TokenReader TokenReader::take_item() {
  const std::size_t begin = at_;
  for (int depth = 0; !done();) {
    const SqlToken& token = take();
    if (token.is('(')) ++depth;
    if (token.is(')')) --depth;
    if (token.is(',') && depth == 0) return {*tokens_, begin, at_ - 1};
  }
  return {*tokens_, begin, at_};
}

void TokenReader::refuse(std::string_view wanted) const {
  const SqlToken* last = tokens_->empty() ? nullptr : &tokens_->back();
  const std::size_t offset = at_ < tokens_->size() ? (*tokens_)[at_].offset
                             : last                ? last->offset + last->text.size()
                                                   : 0;
  const std::string found = done() ? "the end" : "\"" + std::string(peek().text) + "\"";
  throw BackendError(FLUX_E_SCRIPT, "expected " + std::string(wanted) + " and found " + found)
      .offset(static_cast<std::int64_t>(offset));
}

}  // namespace flux::sqlite
