#include "tokens.hpp"

#include <algorithm>

namespace flux::postgres::schema {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continues_word(char c) { return starts_word(c) || is_digit(c) || c == '$'; }

std::string cased(std::string_view word, char first, char last, int shift) {
  std::string out(word);
  for (char& c : out)
    if (c >= first && c <= last) c = static_cast<char>(c + shift);
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view sql) : sql_(sql) {}

  std::vector<Token> all() {
    for (skip_blank(); at_ < sql_.size(); skip_blank()) read();
    return std::move(tokens_);
  }

 private:
  bool looking_at(std::string_view text) const { return sql_.compare(at_, text.size(), text) == 0; }
  void to(std::size_t end) { at_ = std::min(end, sql_.size()); }

  void skip_blank() {
    while (at_ < sql_.size()) {
      if (is_blank(sql_[at_]))
        ++at_;
      else if (looking_at("--"))
        to(sql_.find('\n', at_));
      else if (looking_at("/*"))
        skip_comment();
      else
        return;
    }
  }

  void skip_comment() {
    int depth = 0;
    do {
      if (looking_at("/*"))
        ++depth, at_ += 2;
      else if (looking_at("*/"))
        --depth, at_ += 2;
      else
        ++at_;
    } while (depth > 0 && at_ < sql_.size());
  }

  void read() {
    begin_ = at_;
    const char c = sql_[at_];
    const bool prefixed = at_ + 1 < sql_.size() && sql_[at_ + 1] == '\'' && std::string_view("eEbBxXnN").find(c) < 8;
    if (c == '\'' || prefixed) return read_string(c == 'e' || c == 'E');
    if (starts_word(c)) return read_word();
    if (c == '"') return read_quoted_name();
    if (c == '$' && read_body()) return;
    if (is_digit(c)) return read_number();
    ++at_;
    if (c == ')') --depth_;
    add(Token::Kind::symbol, std::string(1, c));
    if (c == '(') ++depth_;
  }

  void read_word() {
    while (at_ < sql_.size() && continues_word(sql_[at_])) ++at_;
    const std::string_view word = sql_.substr(begin_, at_ - begin_);
    add(Token::Kind::word, cased(word, 'a', 'z', 'A' - 'a'), cased(word, 'A', 'Z', 'a' - 'A'));
  }

  void read_number() {
    while (at_ < sql_.size() && (continues_word(sql_[at_]) || sql_[at_] == '.')) ++at_;
    add(Token::Kind::number, std::string(sql_.substr(begin_, at_ - begin_)));
  }

  // What stands in quotes from at_ on, with doubled quotes as one.
  std::string unquoted(char quote, bool backslashes) {
    std::string out;
    for (++at_; at_ < sql_.size(); ++at_) {
      if (backslashes && sql_[at_] == '\\' && at_ + 1 < sql_.size()) {
        out += sql_[++at_];
      } else if (sql_[at_] != quote) {
        out += sql_[at_];
      } else if (at_ + 1 < sql_.size() && sql_[at_ + 1] == quote) {
        out += sql_[++at_];
      } else {
        ++at_;
        break;
      }
    }
    return out;
  }

  void read_string(bool backslashes) {
    if (sql_[at_] != '\'') ++at_;
    add(Token::Kind::text, unquoted('\'', backslashes));
  }

  void read_quoted_name() {
    const std::string name = unquoted('"', false);
    add(Token::Kind::quoted_name, name, name);
  }

  bool read_body() {
    std::size_t close = at_ + 1;
    while (close < sql_.size() && (starts_word(sql_[close]) || (close > at_ + 1 && is_digit(sql_[close])))) ++close;
    if (close >= sql_.size() || sql_[close] != '$') return false;
    const std::string_view tag = sql_.substr(at_, close + 1 - at_);
    const std::size_t end = sql_.find(tag, close + 1);
    to(end == std::string_view::npos ? end : end + tag.size());
    add(Token::Kind::body, "");
    return true;
  }

  void add(Token::Kind kind, std::string text, std::string name = {}) {
    tokens_.push_back({kind, std::move(text), std::move(name), depth_, begin_, at_});
  }

  std::string_view sql_;
  std::size_t at_ = 0, begin_ = 0;
  int depth_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view sql) { return Reader(sql).all(); }

}  // namespace flux::postgres::schema
