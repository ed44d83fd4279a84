#include "definition_text.hpp"

#include <set>

#include "names.hpp"
#include "sql_text.hpp"

namespace flux::sqlite {
namespace {

class ObjectReader {
 public:
  ObjectReader(const Header& header, const ColumnsOf& columns_of)
      : header_(header), columns_of_(columns_of), rest_(header.rest()) {}

  ObjectText read() {
    out_.definition = "CREATE ";
    if (header_.kind == kind::index) read_index();
    if (header_.kind == kind::view) read_view();
    if (header_.kind == kind::trigger) read_trigger();
    if (header_.kind == kind::virtual_table) read_virtual_table();
    return std::move(out_);
  }

 private:
  std::string name() const { return name_in_sql(header_.name); }

  void read_index() {
    rest_.expect("ON");
    out_.on = without_quotes(rest_.take_name_token());
    note_table(out_.on);
    style_.respell = true;
    style_.table = folded(out_.on);
    note_columns(rest_);
    std::string terms;
    for (TokenReader list = rest_.take_brackets(); !list.done();)
      terms += (terms.empty() ? "" : ", ") + index_term(list.take_item());
    out_.definition += std::string(header_.unique ? "UNIQUE " : "") + "INDEX " + name() + " ON " +
                       name_in_sql(out_.on) + " (" + terms + ")";
    if (rest_.accept("WHERE")) out_.definition += " WHERE " + sql_text(rest_, style_);
  }

  std::string index_term(TokenReader item) const {
    const SqlToken& first = item.peek();
    // SQLite takes a text for a name here.
    const auto column = style_.columns.find(folded(without_quotes(first.text)));
    std::string out;
    if (first.kind == SqlTokenKind::text && column != style_.columns.end()) {
      out = column->second;
      item.take();
    }
    const bool ascends = !item.done() && item.tokens()[item.end() - 1].is("ASC");
    const std::string rest = sql_text({item.tokens(), item.position(), item.end() - (ascends ? 1 : 0)}, style_);
    return out + (out.empty() || rest.empty() ? "" : " ") + rest;
  }

  void read_view() {
    std::string columns;
    if (rest_.peek().is('('))
      for (TokenReader list = rest_.take_brackets(); !list.done();)
        columns += (columns.empty() ? "" : ", ") + name_in_sql(without_quotes(list.take_item().take_name_token()));
    rest_.expect("AS");
    note_uses(rest_);
    style_.select = true;
    out_.definition +=
        "VIEW " + name() + (columns.empty() ? "" : " (" + columns + ")") + " AS\n" + sql_text(rest_, style_);
  }

  void read_trigger() {
    const std::string event = read_event();
    rest_.expect("ON");
    out_.on = without_quotes(rest_.take_name_token());
    note_table(out_.on);
    for (const std::string& column : triggered_by_) out_.columns.emplace_back(out_.on, column);
    if (rest_.accept("FOR")) {
      rest_.expect("EACH");
      rest_.expect("ROW");
    }
    note_uses(rest_);
    std::string when;
    if (rest_.accept("WHEN")) {
      const std::size_t begin = rest_.position();
      while (!rest_.done() && !rest_.peek().is("BEGIN")) rest_.take();
      when = " WHEN " + sql_text({rest_.tokens(), begin, rest_.position()}, style_);
    }
    rest_.expect("BEGIN");
    out_.definition +=
        "TRIGGER " + name() + " " + event + " ON " + name_in_sql(out_.on) + when + " BEGIN" + body() + "\nEND";
  }

  // "AFTER UPDATE OF title, body"
  std::string read_event() {
    std::string out = "BEFORE";
    if (rest_.accept("AFTER"))
      out = "AFTER";
    else if (rest_.accept("INSTEAD"))
      rest_.expect("OF"), out = "INSTEAD OF";
    else
      rest_.accept("BEFORE");
    out += " " + upper(rest_.take_name_token());
    if (!rest_.accept("OF")) return out;
    out += " OF";
    for (const char* comma = " "; !rest_.done(); comma = ", ") {
      const std::string column = without_quotes(rest_.take_name_token());
      triggered_by_.push_back(folded(column));
      out += comma + name_in_sql(column);
      if (!rest_.accept(',')) break;
    }
    return out;
  }

  // The statements up to the END, a line each.
  std::string body() {
    std::string out;
    for (std::size_t begin = rest_.position(); !rest_.done();) {
      const SqlToken& token = rest_.take();
      if (!token.is(';')) continue;
      out += "\n  " + sql_text({rest_.tokens(), begin, rest_.position()}, style_);
      begin = rest_.position();
      if (rest_.peek().is("END")) break;
    }
    return out;
  }

  void read_virtual_table() {
    rest_.expect("USING");
    const std::string module = folded(without_quotes(rest_.take_name_token()));
    std::string arguments;
    if (rest_.peek().is('('))
      for (TokenReader list = rest_.take_brackets(); !list.done();)
        arguments += (arguments.empty() ? "" : ", ") + argument(list.take_item(), module);
    out_.definition +=
        "VIRTUAL TABLE " + name() + " USING " + module + (arguments.empty() ? "" : " (" + arguments + ")");
  }

  // As it is written: what it means, its module knows. Those for full text take blanks round an "=", and none.
  static std::string argument(TokenReader item, std::string_view module) {
    const bool is_option = module.substr(0, 3) == "fts";
    std::string out;
    for (bool behind_sign = true; !item.done();) {
      const SqlToken& token = item.take();
      const bool is_sign = is_option && token.is('=');
      if (token.apart && !behind_sign && !is_sign) out += " ";
      out += token.text;
      behind_sign = is_sign;
    }
    return out;
  }

  void note_table(const std::string& table) {
    for (const auto& [column, in_sql] : columns_of_(table)) {
      style_.columns.emplace(column, in_sql);
      owners_.emplace(column, table);
    }
  }

  void note_columns(const TokenReader& tokens) {
    const std::vector<std::string> named = columns_in(tokens, style_);
    const std::set<std::string> names(named.begin(), named.end());
    for (const auto& [column, table] : owners_)
      if (names.count(column) != 0) out_.columns.emplace_back(table, column);
  }

  void note_uses(const TokenReader& tokens) {
    std::set<std::string> seen;
    for (const std::size_t at : table_positions(tokens)) {
      style_.tables.insert(at);
      const std::string table = without_quotes(tokens.tokens()[at].text);
      if (!seen.insert(folded(table)).second) continue;
      out_.tables.push_back(table);
      if (!same_name(table, out_.on)) note_table(table);
    }
    note_columns(tokens);
  }

  const Header& header_;
  const ColumnsOf& columns_of_;
  TokenReader rest_;
  ObjectText out_;
  SqlTextStyle style_;
  std::set<std::pair<std::string, std::string>> owners_;  // column, folded, and its table
  std::vector<std::string> triggered_by_;                 // UPDATE OF these, folded
};

}  // namespace

ObjectText read_object(const Header& header, const ColumnsOf& columns_of) {
  return ObjectReader(header, columns_of).read();
}

}  // namespace flux::sqlite
