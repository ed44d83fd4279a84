#include "object_text.hpp"

#include <algorithm>
#include <array>

#include "names.hpp"

namespace flux::sqlite {
namespace {

const char* kind_of(TokenReader& reader, Header& header) {
  if (reader.accept("UNIQUE")) {
    header.unique = true;
    return reader.accept("INDEX") ? kind::index : "";
  }
  header.temporary = reader.accept("TEMP") || reader.accept("TEMPORARY");
  if (reader.accept("TABLE")) return kind::table;
  if (reader.accept("INDEX")) return kind::index;
  if (reader.accept("VIEW")) return kind::view;
  if (reader.accept("TRIGGER")) return kind::trigger;
  return reader.accept("VIRTUAL") && reader.accept("TABLE") ? kind::virtual_table : "";
}

// Follows the clauses that tables are named in.
class TableFinder {
 public:
  explicit TableFinder(const TokenReader& tokens) : tokens_(tokens) {}

  std::vector<std::size_t> found() {
    while (!tokens_.done()) {
      const std::size_t at = tokens_.position();
      const SqlToken token = tokens_.take();
      if (token.kind == SqlTokenKind::symbol) {
        sign(token);
      } else if (expects_ && names_table(token)) {
        // In a list behind FROM, a name before a bracket is a function's.
        const bool is_function = in_from_.back() && tokens_.peek().is('(');
        if (!tokens_.peek().is('.') && !is_function) found_.push_back(at);
        expects_ = tokens_.accept('.');
      } else {
        word(token);
      }
      last_ = token;
    }
    return std::move(found_);
  }

 private:
  static bool names_table(const SqlToken& token) {
    return token.kind != SqlTokenKind::value && !(token.kind == SqlTokenKind::word && is_reserved(token.text));
  }

  void sign(const SqlToken& token) {
    if (token.is('(')) {
      // Of a join, or of a select that stands for a table.
      in_from_.push_back(expects_);
    } else if (token.is(')')) {
      if (in_from_.size() > 1) in_from_.pop_back();
      expects_ = false;
    } else if (token.is(';')) {
      in_from_ = {false};
      expects_ = false;
    } else {
      expects_ = token.is(',') && in_from_.back();
    }
  }

  void word(const SqlToken& token) {
    static constexpr std::array<std::string_view, 10> ends = {"SELECT", "WHERE",  "GROUP",     "ORDER", "LIMIT",
                                                              "SET",    "VALUES", "INTERSECT", "UNION", "EXCEPT"};
    expects_ = false;
    if (token.kind != SqlTokenKind::word) return;
    const std::string name = upper(token.text);
    if (name == "FROM" && !last_.is("DISTINCT")) {
      in_from_.back() = expects_ = true;
    } else if (name == "JOIN" || name == "IN") {
      expects_ = true;
    } else if (name == "INTO" || name == "UPDATE") {
      if (tokens_.accept("OR")) tokens_.take();
      in_from_.back() = false;
      expects_ = true;
    } else if (std::find(ends.begin(), ends.end(), name) != ends.end()) {
      in_from_.back() = false;
    }
  }

  TokenReader tokens_;
  std::vector<bool> in_from_{false};  // for each open bracket: is it in the list behind FROM?
  bool expects_ = false;              // the next token names a table
  SqlToken last_;
  std::vector<std::size_t> found_;
};

}  // namespace

Header read_header(std::string_view sql) {
  Header header;
  header.tokens = sql_tokens(sql);
  TokenReader reader(header.tokens);
  if (!reader.accept("CREATE")) return header;
  header.kind = kind_of(reader, header);
  if (header.kind.empty()) return header;
  if (reader.peek().is("IF") && reader.peek(1).is("NOT") && reader.peek(2).is("EXISTS"))
    for (int i = 0; i < 3; ++i) reader.take();
  header.name = without_quotes(reader.take_name_token());
  if (reader.accept('.')) {
    header.schema = header.name;
    header.name = without_quotes(reader.take_name_token());
  }
  header.body = reader.position();
  return header;
}

std::vector<std::size_t> table_positions(TokenReader tokens) { return TableFinder(tokens).found(); }

}  // namespace flux::sqlite
