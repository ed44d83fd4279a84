// Random schemas as SQL.
#include <algorithm>
#include <sstream>

#include "random_schema.hpp"

namespace flux::testing {
namespace {

// Puts words together, with noise where it is asked for.
class Writer {
 public:
  explicit Writer(Dice* noise) : noise_(noise) {}

  // Words between blanks, in whatever case.
  Writer& words(const std::string& text) {
    std::istringstream in(text);
    for (std::string word; in >> word;) add(is_word(word) ? in_some_case(word) : word);
    return *this;
  }
  // Text and numbers as they are.
  Writer& raw(const std::string& text) { return add(text), *this; }
  Writer& name(const std::string& name) { return add(some_quotes(name)), *this; }
  Writer& expression(const RandomExpression& e) {
    std::istringstream in(e.text);
    for (std::string word; in >> word;) {
      if (word[0] == '%' && word.size() == 2)
        name(e.columns[static_cast<std::size_t>(word[1] - '0')]);
      else if (word[0] == '\'' || !is_word(word) || word == "x")
        raw(word);
      else
        words(word);
    }
    return *this;
  }
  template <class List, class Item>
  Writer& list(const List& items, const Item& item) {
    bool first = true;
    for (const auto& i : items) {
      if (!first) raw(",");
      first = false;
      item(i);
    }
    return *this;
  }
  Writer& names(const std::vector<std::string>& list_of) {
    raw("(");
    list(list_of, [&](const std::string& n) { name(n); });
    return raw(")");
  }
  std::string text() const { return out_; }

 private:
  static bool is_word(const std::string& word) {
    return std::all_of(word.begin(), word.end(), [](unsigned char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
  }
  std::string in_some_case(std::string word) const {
    if (noise_ == nullptr || noise_->one_in(2)) return word;
    for (char& c : word)
      if (c != '_' && !noise_->one_in(3)) c = static_cast<char>(c + 32);
    return word;
  }
  std::string some_quotes(const std::string& name) const {
    if (noise_ == nullptr) return in_quotes(name);
    const std::size_t style = noise_->below(4);
    if (style == 0) return "[" + name + "]";
    if (style == 1 && name.find('`') == std::string::npos) return "`" + name + "`";
    static const std::vector<std::string> needs_none = {"a",     "b",      "title", "price", "größe", "Upper",
                                                        "Total", "orders", "Album", "t",     "i1",    "x"};
    const bool plain = std::find(needs_none.begin(), needs_none.end(), name) != needs_none.end();
    return plain && style == 2 ? name : in_quotes(name);
  }
  void add(const std::string& word) {
    static const std::vector<std::string> gaps = {
        " ", "  ", "\n", "\t ", " /* a 'comment' */ ", " -- another \"one\"\n"};
    out_ += out_.empty() ? "" : (noise_ == nullptr ? " " : noise_->of(gaps));
    out_ += word;
  }

  Dice* noise_;
  std::string out_;
};

void write_references(Writer& out, const RandomReference& r) { out.words("REFERENCES").name(r.table).words(r.actions); }

void write_column(Writer& out, const RandomTable& table, const RandomColumn& column) {
  out.name(column.name).raw(column.type);
  if (table.key_inline && table.key.front() == column.name)
    out.words("PRIMARY KEY").words(table.autoincrement ? "AUTOINCREMENT" : "");
  if (!column.collation.empty()) out.words("COLLATE " + column.collation);
  if (column.not_null) out.words("NOT NULL");
  if (!column.default_value.empty()) out.words("DEFAULT").raw(column.default_value);
  if (column.unique) out.words("UNIQUE");
  for (const RandomExpression& e : column.check) out.words("CHECK (").expression(e).raw(")");
  for (const RandomReference& r : column.references) write_references(out, r);
  for (const RandomExpression& e : column.generated)
    // SQLite takes a comment between ANY and GENERATED for a part of the type.
    out.words(table.strict ? "AS (" : "GENERATED ALWAYS AS (")
        .expression(e)
        .raw(")")
        .words(column.stored ? "STORED" : "");
}

void write_table(Writer& out, const RandomTable& table) {
  out.words("CREATE TABLE").name(table.name).raw("(");
  out.list(table.columns, [&](const RandomColumn& c) { write_column(out, table, c); });
  if (!table.key.empty() && !table.key_inline) out.raw(",").words("PRIMARY KEY").names(table.key);
  for (const auto& unique : table.uniques) out.raw(",").words("UNIQUE").names(unique);
  for (const RandomExpression& e : table.checks) out.raw(",").words("CHECK (").expression(e).raw(")");
  for (const RandomReference& r : table.references) {
    out.raw(",").words("FOREIGN KEY").names(r.columns);
    write_references(out, r);
  }
  out.raw(")");
  if (table.strict) out.words("STRICT");
  if (table.strict && table.without_rowid) out.raw(",");
  if (table.without_rowid) out.words("WITHOUT ROWID");
}

void write_select(Writer& out, const RandomObject& object) {
  out.words("SELECT").list(object.terms,
                           [&](const RandomExpression& e) { out.name(object.on).raw(".").expression(e); });
  out.words("FROM").name(object.on);
}

void write_object(Writer& out, const RandomSchema& schema, const RandomObject& object) {
  const auto terms = [&] { out.list(object.terms, [&](const RandomExpression& e) { out.expression(e); }); };
  if (object.kind == "index") {
    out.words(object.unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX")
        .name(object.name)
        .words("ON")
        .name(object.on)
        .raw("(");
    terms();
    out.raw(")");
    for (const RandomExpression& e : object.where) out.words("WHERE").expression(e);
  } else if (object.kind == "view") {
    out.words("CREATE VIEW").name(object.name).words("AS");
    write_select(out, object);
    for (const RandomExpression& e : object.where) out.words("WHERE").expression(e);
    if (object.other.empty()) return;
    out.words("UNION ALL SELECT").list(object.terms, [&](const RandomExpression&) { out.raw("1"); });
    out.words("FROM").name(object.other);
  } else if (object.kind == "trigger") {
    out.words("CREATE TRIGGER").name(object.name).words("AFTER UPDATE OF");
    out.list(object.terms, [&](const RandomExpression& e) { out.name(e.columns.front()); });
    out.words("ON").name(object.on).words("BEGIN");
    write_select(out, object);
    out.raw(";");
    if (const RandomTable* other = schema.find(object.other))
      out.words("DELETE FROM").name(other->name).words("WHERE 1 = 0").raw(";");
    out.words("END");
  } else {
    out.words("CREATE VIRTUAL TABLE").name(object.name).raw("USING fts5(title, body)");
  }
}

std::string value_for(const RandomColumn& column, std::size_t row, Dice& dice) {
  if (dice.one_in(12) && !column.not_null) return "NULL";
  const std::string number = std::to_string(row + 1);
  if (!column.references.empty() && column.type != "BLOB") return number;
  if (column.type == "TEXT" || column.type.rfind("VARCHAR", 0) == 0)
    return dice.one_in(9) ? "'00" + number + "'" : "'v" + number + "'";
  if (column.type == "REAL") return number + ".5";
  if (column.type == "BLOB") return "x'0" + number.substr(0, 1) + "ff'";
  return number;
}

}  // namespace

std::string in_quotes(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2U : 1U, c);
  return out + '"';
}

std::string definitions(const RandomSchema& schema, Dice* noise) {
  std::string out;
  for (const RandomTable& table : schema.tables) {
    Writer writer(noise);
    write_table(writer, table);
    out += writer.text() + ";\n";
  }
  for (const RandomObject& object : schema.objects) {
    Writer writer(noise);
    write_object(writer, schema, object);
    out += writer.text() + ";\n";
  }
  return out;
}

std::string rows(const RandomSchema& schema, Dice& dice) {
  std::string out;
  for (const RandomTable& table : schema.tables)
    for (std::size_t row = 0, count = dice.below(6); row < count; ++row) {
      std::string names, values;
      for (const RandomColumn& column : table.columns) {
        if (!column.generated.empty()) continue;
        names += (names.empty() ? "" : ", ") + in_quotes(column.name);
        values += (values.empty() ? "" : ", ") + value_for(column, row, dice);
      }
      out += "INSERT OR IGNORE INTO " + in_quotes(table.name) + " (" + names + ") VALUES (" + values + ");\n";
    }
  for (const RandomObject& object : schema.objects)
    if (object.kind == "full text") out += "INSERT INTO " + in_quotes(object.name) + " VALUES ('a title', 'a body');\n";
  return out;
}

}  // namespace flux::testing
