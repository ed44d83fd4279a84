#include "constraint_text.hpp"

#include "names.hpp"

namespace flux::sqlite {
namespace {

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& item : list) out += (out.empty() ? "" : ", ") + item;
  return out;
}

std::string joined_names(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) out.push_back(name_in_sql(name));
  return joined(out);
}

std::string named(const std::string& name, const std::string& text) {
  return name.empty() ? text : "CONSTRAINT " + name_in_sql(name) + " " + text;
}

std::string conflict(const std::string& resolution) { return resolution.empty() ? "" : " ON CONFLICT " + resolution; }

// The column that `name` means, as the table has it: its name alone.
std::string own_spelling(const std::string& name, const SqlTextStyle& style) {
  const auto known = style.columns.find(folded(name));
  return known == style.columns.end() ? name : without_quotes(known->second);
}

std::vector<std::string> read_names(TokenReader list, const SqlTextStyle& style) {
  std::vector<std::string> out;
  while (!list.done()) out.push_back(own_spelling(without_quotes(list.take_item().take_name_token()), style));
  return out;
}

// (title COLLATE NOCASE DESC, id AUTOINCREMENT)
void read_terms(TokenReader list, const SqlTextStyle& style, Constraint& into) {
  while (!list.done()) {
    TokenReader item = list.take_item();
    const std::string column = own_spelling(without_quotes(item.take_name_token()), style);
    std::string term = name_in_sql(column);
    if (item.accept("COLLATE")) {
      const std::string collation = without_quotes(item.take_name_token());
      const bool is_builtin =
          same_name(collation, "NOCASE") || same_name(collation, "BINARY") || same_name(collation, "RTRIM");
      term += " COLLATE " + (is_builtin ? upper(collation) : name_in_sql(collation));
    }
    if (item.accept("DESC"))
      term += " DESC";
    else
      item.accept("ASC");
    into.autoincrement = item.accept("AUTOINCREMENT") || into.autoincrement;
    into.columns.push_back(column);
    into.terms.push_back(term);
  }
}

// ON DELETE …, MATCH …, DEFERRABLE …: those that make a difference, in one order.
std::string read_actions(TokenReader& tokens) {
  std::string update, remove, match, deferred;
  for (;;) {
    if (tokens.peek().is("ON") && (tokens.peek(1).is("DELETE") || tokens.peek(1).is("UPDATE"))) {
      tokens.take();
      std::string& action = tokens.take().is("DELETE") ? remove : update;
      action = upper(tokens.take().text);
      if (action == "SET" || action == "NO") action += " " + upper(tokens.take().text);
      if (action == "NO ACTION") action.clear();
    } else if (tokens.accept("MATCH")) {
      match = upper(tokens.take_name_token());
    } else {
      break;
    }
  }
  const bool never = tokens.peek().is("NOT") && tokens.peek(1).is("DEFERRABLE") && (tokens.take(), true);
  if (tokens.accept("DEFERRABLE") && tokens.accept("INITIALLY"))
    deferred = upper(tokens.take().text) == "DEFERRED" && !never ? "DEFERRABLE INITIALLY DEFERRED" : "";
  std::vector<std::string> parts;
  if (!update.empty()) parts.push_back("ON UPDATE " + update);
  if (!remove.empty()) parts.push_back("ON DELETE " + remove);
  if (!match.empty()) parts.push_back("MATCH " + match);
  if (!deferred.empty()) parts.push_back(deferred);
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : " ") + part;
  return out;
}

void read_references(TokenReader& tokens, Constraint& into) {
  tokens.expect("REFERENCES");
  into.references = without_quotes(tokens.take_name_token());
  if (tokens.peek().is('(')) into.referenced = read_names(tokens.take_brackets(), {});
  into.actions = read_actions(tokens);
}

std::string references_text(const Constraint& c) {
  std::string out = "REFERENCES " + name_in_sql(c.references);
  if (!c.referenced.empty()) out += " (" + joined_names(c.referenced) + ")";
  return c.actions.empty() ? out : out + " " + c.actions;
}

void read_check(TokenReader& tokens, const SqlTextStyle& style, Constraint& into) {
  tokens.expect("CHECK");
  const TokenReader expression = tokens.take_brackets();
  into.expression = sql_text(expression, style);
  into.columns = columns_in(expression, style);
  into.on_conflict = read_on_conflict(tokens);
}

}  // namespace

std::string Constraint::in_table() const {
  switch (kind) {
    case ConstraintKind::primary_key:
      return named(name,
                   "PRIMARY KEY (" + joined(terms) + (autoincrement ? " AUTOINCREMENT)" : ")") + conflict(on_conflict));
    case ConstraintKind::unique:
      return named(name, "UNIQUE (" + joined(terms) + ")" + conflict(on_conflict));
    case ConstraintKind::check:
      return named(name, "CHECK (" + expression + ")" + conflict(on_conflict));
    case ConstraintKind::foreign_key:
      return named(name, "FOREIGN KEY (" + joined_names(columns) + ") " + references_text(*this));
  }
  return {};
}

std::string Constraint::in_column() const {
  switch (kind) {
    case ConstraintKind::primary_key:
      return named(name, std::string("PRIMARY KEY") + (descending_inline ? " DESC" : "") + conflict(on_conflict) +
                             (autoincrement ? " AUTOINCREMENT" : ""));
    case ConstraintKind::unique:
      return named(name, "UNIQUE" + conflict(on_conflict));
    case ConstraintKind::check:
      return in_table();
    case ConstraintKind::foreign_key:
      return named(name, references_text(*this));
  }
  return {};
}

std::string read_on_conflict(TokenReader& tokens) {
  if (!tokens.peek().is("ON") || !tokens.peek(1).is("CONFLICT")) return {};
  tokens.take();
  tokens.take();
  const std::string resolution = upper(tokens.take_name_token());
  return resolution == "ABORT" ? std::string() : resolution;
}

Constraint read_table_constraint(TokenReader& tokens, const SqlTextStyle& style) {
  Constraint out;
  while (tokens.accept("CONSTRAINT")) out.name = without_quotes(tokens.take_name_token());
  if (tokens.peek().is("CHECK")) {
    read_check(tokens, style, out);
    return out;
  }
  if (tokens.accept("FOREIGN")) {
    tokens.expect("KEY");
    out.kind = ConstraintKind::foreign_key;
    out.columns = read_names(tokens.take_brackets(), style);
    read_references(tokens, out);
    return out;
  }
  if (tokens.accept("PRIMARY")) {
    tokens.expect("KEY");
    out.kind = ConstraintKind::primary_key;
  } else {
    tokens.expect("UNIQUE");
    out.kind = ConstraintKind::unique;
  }
  read_terms(tokens.take_brackets(), style, out);
  out.on_conflict = read_on_conflict(tokens);
  return out;
}

std::optional<Constraint> read_column_constraint(TokenReader& tokens, const std::string& column,
                                                 const SqlTextStyle& style) {
  Constraint out;
  if (tokens.peek().is("CHECK")) {
    read_check(tokens, style, out);
    return out;
  }
  out.columns = {column};
  out.terms = {name_in_sql(column)};
  if (tokens.peek().is("REFERENCES")) {
    out.kind = ConstraintKind::foreign_key;
    read_references(tokens, out);
    return out;
  }
  if (tokens.accept("UNIQUE")) {
    out.kind = ConstraintKind::unique;
    out.on_conflict = read_on_conflict(tokens);
    return out;
  }
  if (!tokens.accept("PRIMARY")) return std::nullopt;
  tokens.expect("KEY");
  out.kind = ConstraintKind::primary_key;
  out.descending_inline = tokens.accept("DESC");
  if (!out.descending_inline) tokens.accept("ASC");
  out.on_conflict = read_on_conflict(tokens);
  out.autoincrement = tokens.accept("AUTOINCREMENT");
  return out;
}

Constraint constraint_of(const std::string& definition, bool descending_inline) {
  const std::vector<SqlToken> tokens = sql_tokens(definition);
  TokenReader reader(tokens);
  Constraint out = read_table_constraint(reader, {});
  out.descending_inline = descending_inline;
  return out;
}

}  // namespace flux::sqlite
