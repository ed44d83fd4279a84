#include "sql_text.hpp"

#include <algorithm>
#include <array>

#include "names.hpp"

namespace flux::sqlite {
namespace {

constexpr std::array<std::string_view, 11> clauses = {"FROM",  "WHERE",  "GROUP",     "HAVING", "ORDER", "LIMIT",
                                                      "UNION", "EXCEPT", "INTERSECT", "WINDOW", "VALUES"};
constexpr std::array<std::string_view, 3> collations = {"BINARY", "NOCASE", "RTRIM"};

bool joins_names(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         c == '\'' || c == '"' || static_cast<unsigned char>(c) >= 0x80;
}

// Can the token be a column's name, as far as it and its neighbours show?
bool may_be_column(const SqlToken& before, const SqlToken& token, const SqlToken& behind) {
  if (token.kind == SqlTokenKind::name) return !behind.is('(');
  if (token.kind != SqlTokenKind::word || behind.is('(') || is_reserved(token.text)) return false;
  if (!is_keyword(token.text)) return true;
  // One that is an operator or the like elsewhere: "key > 1", not "a LIKE 'x'".
  const bool is_operator =
      before.is("LIKE") || before.is("GLOB") || before.is("REGEXP") || before.is("MATCH") || before.is("BY");
  const bool follows_word =
      before.kind == SqlTokenKind::word && !is_operator && (!is_reserved(before.text) || before.is("NULL"));
  const bool follows_value = before.kind != SqlTokenKind::word && before.kind != SqlTokenKind::symbol;
  return !follows_word && !follows_value && !before.is(')');
}

class Writer {
 public:
  Writer(const TokenReader& tokens, const SqlTextStyle& style)
      : tokens_(tokens.tokens()), begin_(tokens.position()), end_(tokens.end()), style_(style) {}

  std::string written() {
    for (std::size_t i = begin_; i < end_; ++i) {
      if (is_own_table(i)) {
        left_out_ = left_out_ || apart(i);
        ++i;
        continue;
      }
      if (tokens_[i].is(')')) --depth_;
      const std::string text = written(i);
      if (!out_.empty()) out_ += gap(i, text);
      out_ += text;
      last_ = i;
      left_out_ = false;
      if (tokens_[i].is('(')) ++depth_;
    }
    return std::move(out_);
  }

 private:
  const SqlToken& at(std::size_t i) const {
    static const SqlToken none;
    return i >= begin_ && i < end_ ? tokens_[i] : none;
  }
  const SqlToken& before(std::size_t i) const { return i > begin_ ? at(i - 1) : at(end_); }
  bool apart(std::size_t i) const { return tokens_[i].apart || left_out_; }
  bool beside_dot(std::size_t i) const { return before(i).is('.') || at(i + 1).is('.'); }

  bool is_own_table(std::size_t i) const {
    const SqlToken& token = tokens_[i];
    if (style_.table.empty() || !at(i + 1).is('.') || before(i).is('.')) return false;
    return token.kind != SqlTokenKind::symbol && folded(without_quotes(token.text)) == style_.table;
  }

  std::string written(std::size_t i) const {
    const SqlToken& token = tokens_[i];
    if (token.kind != SqlTokenKind::word && token.kind != SqlTokenKind::name) return std::string(token.text);
    const std::string name = without_quotes(token.text);
    if (before(i).is("COLLATE")) {
      const bool known = std::find(collations.begin(), collations.end(), upper(name)) != collations.end();
      return known ? upper(name) : name_in_sql(name);
    }
    const auto column = style_.columns.find(folded(name));
    const bool is_column = column != style_.columns.end() && may_be_column(before(i), token, at(i + 1));
    if (token.kind == SqlTokenKind::name) {
      const bool may_be_text = token.text.front() == '"' && !beside_dot(i) && !before(i).is("AS");
      if (is_column) return style_.respell ? column->second : name_in_sql(name);
      return may_be_text && style_.tables.count(i) == 0 ? std::string(token.text) : name_in_sql(name);
    }
    if (is_column) return style_.respell ? column->second : name;
    const bool may_be_name = beside_dot(i) || before(i).is("AS") || style_.tables.count(i) != 0;
    return is_reserved(name) || (is_keyword(name) && !may_be_name) ? upper(name) : name;
  }

  // Does the sign at `i` stand before what it applies to, with nothing before itself?
  bool is_prefix(std::size_t i) const {
    if (!at(i).is('-') && !at(i).is('+') && !at(i).is('~')) return false;
    const SqlToken& token = before(i);
    if (i == begin_ || token.is('~')) return true;
    if (token.kind == SqlTokenKind::symbol) return !token.is(')');
    return token.kind == SqlTokenKind::word && is_reserved(token.text) && !token.is("NULL");
  }

  std::string gap(std::size_t i, const std::string& text) const {
    return style_.select ? select_gap(i, text) : plain_gap(i);
  }

  std::string plain_gap(std::size_t i) const {
    const SqlToken &last = tokens_[last_], &token = tokens_[i];
    if (token.is(',') || token.is(')') || token.is('.') || token.is(';') || last.is('(') || last.is('.')) return "";
    if (is_prefix(last_)) return last.is('-') && token.is('-') ? " " : "";
    if (!token.is('(') || last.kind == SqlTokenKind::symbol) return " ";
    const bool is_call = last.kind == SqlTokenKind::name || !is_reserved(last.text);
    return is_call ? "" : " ";
  }

  std::string select_gap(std::size_t i, const std::string& text) const {
    const SqlToken &last = tokens_[last_], &token = tokens_[i];
    if (depth_ == 0 && token.is(',')) return "";
    if (depth_ == 0 && last.is(',')) return " ";
    if (depth_ == 0 && begins_line(i)) return "\n";
    const bool would_join = joins_names(out_.back()) && joins_names(text.front());
    return apart(i) || would_join ? " " : "";
  }

  bool begins_line(std::size_t i) const {
    const SqlToken &last = tokens_[last_], &token = tokens_[i];
    if (token.kind != SqlTokenKind::word || beside_dot(i)) return false;
    if (token.is("SELECT")) return true;
    if (token.is("FROM") && last.is("DISTINCT")) return false;
    return std::find(clauses.begin(), clauses.end(), upper(token.text)) != clauses.end();
  }

  const std::vector<SqlToken>& tokens_;
  std::size_t begin_, end_;
  const SqlTextStyle& style_;
  std::string out_;
  std::size_t last_ = 0;  // the token that was written last
  int depth_ = 0;
  bool left_out_ = false;  // blanks stood before what was left out since
};

}  // namespace

std::vector<std::string> columns_in(TokenReader tokens, const SqlTextStyle& style) {
  std::set<std::string> out;
  SqlToken before;
  while (!tokens.done()) {
    const SqlToken token = tokens.take();
    std::string name = folded(without_quotes(token.text));
    if (may_be_column(before, token, tokens.peek()) && style.columns.count(name) != 0) out.insert(std::move(name));
    before = token;
  }
  return {out.begin(), out.end()};
}

std::string sql_text(TokenReader tokens, const SqlTextStyle& style) { return Writer(tokens, style).written(); }

}  // namespace flux::sqlite
