#include "table_text.hpp"

#include <algorithm>
#include <array>
#include <flux/backend.hpp>

#include "names.hpp"

namespace flux::sqlite {
namespace {

constexpr std::array<std::string_view, 12> behind_type = {"CONSTRAINT", "PRIMARY",    "NOT",           "NULL",
                                                          "UNIQUE",     "CHECK",      "DEFAULT",       "COLLATE",
                                                          "REFERENCES", "DEFERRABLE", "AUTOINCREMENT", "AS"};
constexpr std::array<std::string_view, 5> constants = {"NULL", "TRUE", "FALSE", "CURRENT_DATE", "CURRENT_TIME"};

bool ends_type(const TokenReader& tokens) {
  const SqlToken& token = tokens.peek();
  if (tokens.done() || token.is(',') || (token.kind == SqlTokenKind::symbol && !token.is('('))) return true;
  if (token.kind != SqlTokenKind::word) return token.kind == SqlTokenKind::value;
  if (token.is("GENERATED") && tokens.peek(1).is("ALWAYS")) return true;
  return std::find(behind_type.begin(), behind_type.end(), upper(token.text)) != behind_type.end();
}

// "VARCHAR(20)", "UNSIGNED BIG INT"
std::string read_type(TokenReader& tokens) {
  std::string out;
  while (!ends_type(tokens)) {
    if (tokens.peek().is('(')) {
      out += "(" + sql_text(tokens.take_brackets(), {}) + ")";
      continue;
    }
    const SqlToken& token = tokens.take();
    out += (out.empty() ? "" : " ") + (token.kind == SqlTokenKind::word ? upper(token.text) : std::string(token.text));
  }
  return out;
}

bool is_constant_word(const SqlToken& token) {
  const std::string word = upper(token.text);
  return token.kind == SqlTokenKind::word &&
         (word == "CURRENT_TIMESTAMP" || std::find(constants.begin(), constants.end(), word) != constants.end());
}

// What stands behind DEFAULT. Brackets round a constant say nothing.
std::string read_default(TokenReader& tokens, const SqlTextStyle& style) {
  if (tokens.peek().is('(')) {
    const TokenReader inside = tokens.take_brackets();
    TokenReader constant = inside;
    const bool has_sign = constant.accept('-') || constant.accept('+');
    const SqlToken value = constant.take();
    const bool is_value = value.kind == SqlTokenKind::value ||
                          (!has_sign && (value.kind == SqlTokenKind::text || is_constant_word(value)));
    TokenReader again = inside;
    return constant.done() && is_value ? read_default(again, style) : "(" + sql_text(inside, style) + ")";
  }
  std::string sign;
  if (tokens.peek().is('-') || tokens.peek().is('+')) sign = tokens.take().is('-') ? "-" : "";
  const SqlToken& value = tokens.take();
  return sign + (is_constant_word(value) ? upper(value.text) : std::string(value.text));
}

class TableReader {
 public:
  explicit TableReader(const Header& header) : rest_(header.rest()) { table_.name = header.name; }

  TableText read() {
    note_columns();
    TokenReader list = rest_.take_brackets();
    while (!list.done()) {
      if (begins_constraint(list.peek())) {
        table_.constraints.push_back(read_table_constraint(list, style_));
      } else {
        read_column(list);
      }
      list.accept(',');
    }
    read_options();
    return std::move(table_);
  }

 private:
  static bool begins_constraint(const SqlToken& token) {
    return token.is("CONSTRAINT") || token.is("PRIMARY") || token.is("UNIQUE") || token.is("CHECK") ||
           token.is("FOREIGN");
  }

  // What follows may name any of them.
  void note_columns() {
    style_.table = folded(table_.name);
    style_.respell = true;
    TokenReader ahead = rest_;
    for (TokenReader list = ahead.take_brackets(); !list.done();) {
      TokenReader item = list.take_item();
      if (item.done() || begins_constraint(item.peek())) continue;
      const std::string name = without_quotes(item.take_name_token());
      style_.columns.emplace(folded(name), name_in_sql(name));
    }
  }

  void read_column(TokenReader& list) {
    TableColumn column;
    column.offset = list.peek().offset;
    column.name = without_quotes(list.take_name_token());
    column.type = read_type(list);
    column.definition = name_in_sql(column.name) + (column.type.empty() ? "" : " " + column.type);
    std::string name;
    while (!list.done() && !list.peek().is(',')) {
      if (list.accept("CONSTRAINT")) {
        name = without_quotes(list.take_name_token());
        continue;
      }
      read_clause(list, column, name);
      name.clear();
    }
    column.definition += column.not_null.empty() ? "" : not_null_;
    column.definition += column.default_value.empty() ? "" : default_;
    if (!column.collation.empty()) column.definition += " COLLATE " + column.collation;
    if (!column.generated.empty())
      column.definition += " GENERATED ALWAYS AS (" + column.expression + ") " + upper(column.generated);
    table_.columns.push_back(std::move(column));
  }

  void read_clause(TokenReader& list, TableColumn& column, const std::string& name) {
    const std::string named = name.empty() ? " " : " CONSTRAINT " + name_in_sql(name) + " ";
    if (auto constraint = read_column_constraint(list, column.name, style_)) {
      constraint->name = name;
      column.constraints.push_back(std::move(*constraint));
    } else if (list.accept("DEFAULT")) {
      column.default_value = read_default(list, style_);
      default_ = named + "DEFAULT " + column.default_value;
    } else if (list.accept("COLLATE")) {
      const SqlToken& token = list.take();
      const std::string collation = without_quotes(token.text);
      const bool is_builtin =
          same_name(collation, "NOCASE") || same_name(collation, "BINARY") || same_name(collation, "RTRIM");
      column.collation = is_builtin ? upper(collation) : name_in_sql(collation);
    } else if (list.accept("NOT")) {
      list.expect("NULL");
      const std::string conflict = read_on_conflict(list);
      column.not_null = conflict.empty() ? "yes" : "or " + conflict;
      not_null_ = named + "NOT NULL" + (conflict.empty() ? "" : " ON CONFLICT " + conflict);
    } else if (list.accept("NULL")) {
      read_on_conflict(list);
    } else {
      read_generated(list, column);
    }
  }

  void read_generated(TokenReader& list, TableColumn& column) {
    if (list.accept("GENERATED")) list.expect("ALWAYS");
    list.expect("AS");
    const TokenReader expression = list.take_brackets();
    column.expression = sql_text(expression, style_);
    column.uses = columns_in(expression, style_);
    column.generated = list.accept("STORED") ? "stored" : "virtual";
    if (column.generated == "virtual") list.accept("VIRTUAL");
  }

  void read_options() {
    while (!rest_.done()) {
      if (rest_.accept("WITHOUT")) {
        rest_.take_name_token();  // ROWID
        table_.without_rowid = true;
      } else {
        rest_.expect("STRICT");
        table_.strict = true;
      }
      rest_.accept(',');
    }
  }

  TokenReader rest_;
  SqlTextStyle style_;
  TableText table_;
  std::string not_null_, default_;  // of the column that is read
};

}  // namespace

const TableColumn* TableText::find(std::string_view column) const {
  const auto at =
      std::find_if(columns.begin(), columns.end(), [&](const TableColumn& c) { return same_name(c.name, column); });
  return at == columns.end() ? nullptr : &*at;
}

TableText read_table(const Header& header) { return TableReader(header).read(); }

}  // namespace flux::sqlite
