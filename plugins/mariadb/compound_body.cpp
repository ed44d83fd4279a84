#include "compound_body.hpp"

#include "statement_kind.hpp"

namespace flux::mariadb {

void CompoundBody::take(const std::string& word, const std::string& next) {
  if (word == "(") ++parentheses_;
  if (word == ")") --parentheses_;
  // x.end is a column, AS end a name.
  const bool name = before_ == "." || before_ == "AS" || before_ == "XA" || next == ".";
  const std::string seen = name ? "`" : word;
  if (where_ == Where::beginning)
    take_first(seen == "BEGIN" && next != "NOT" ? std::string("START") : seen);
  else if (where_ == Where::header && !take_header(seen, next))
    where_ = Where::body;
  if (where_ == Where::body) take_body(seen);
  before_that_ = before_;
  before_ = word;
  ++count_;
}

// What the statement is shows in its first words: CREATE [OR REPLACE] [DEFINER = ...] [AGGREGATE] PROCEDURE and so on.
void CompoundBody::take_first(const std::string& word) {
  if (count_ == 0) {
    first_ = word;
    if (is_one_of(word, {"BEGIN", "IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"})) {
      where_ = Where::body;
      at_start_ = true;
    } else if (!is_one_of(word, {"CREATE", "ALTER"})) {
      where_ = Where::plain;
    }
    return;
  }
  if (is_one_of(word, {"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"})) {
    object_ = word;
    where_ = Where::header;
  } else if (is_one_of(word, {"TABLE", "VIEW", "INDEX", "DATABASE", "SCHEMA", "USER", "ROLE", "SEQUENCE", "SERVER"})) {
    where_ = Where::plain;
  }
}

// False where `word` is the first of the body.
bool CompoundBody::take_header(const std::string& word, const std::string& next) {
  if (parentheses_ > 0 || word == ")") return true;
  at_start_ = true;
  if (word == "BEGIN" || word == "RETURN" || word == "CALL" || word == "SELECT") return false;
  // Here FOR EACH ROW and DO lead to the body; between them and the name stand the words of statements.
  if (object_ == "TRIGGER" && is_one_of(before_that_, {"FOLLOWS", "PRECEDES"})) return false;
  if (object_ == "TRIGGER") return before_ != "ROW" || is_one_of(word, {"FOLLOWS", "PRECEDES"});
  if (object_ == "EVENT") return before_ != "DO";
  if (word == "IF" && (next == "NOT" || next == "EXISTS")) return true;
  if (word == "SET") return before_ == "CHARACTER" || before_ == "CHAR" || next == "(";
  return !is_one_of(word, {"INSERT", "UPDATE", "DELETE", "REPLACE", "IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"});
}

void CompoundBody::take_body(const std::string& word) {
  const bool at_start = at_start_, behind_end = behind_end_;
  at_start_ = behind_end_ = false;
  if (behind_end && is_one_of(word, {"IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"})) return;
  if (open(word, at_start)) return;
  if (word == "END") return close();
  const bool in_expression = is_open() && blocks_.back() == Block::case_expression;
  const bool label = word == ":" && parentheses_ == 0;
  const bool not_atomic = (word == "NOT" && before_ == "BEGIN") || (word == "ATOMIC" && before_that_ == "BEGIN");
  if (word == ";" || label || not_atomic)
    at_start_ = true;
  else if (word == "=" && before_ == ":")
    at_start_ = false;
  else if (is_one_of(word, {"THEN", "ELSE"}))
    at_start_ = !in_expression;
  else if (word == "DO")
    at_start_ = is_open() && blocks_.back() == Block::loop;
}

// IF, REPEAT and others are functions, too, but not at the start of a statement.
bool CompoundBody::open(const std::string& word, bool at_start) {
  if (word == "BEGIN") {
    blocks_.push_back(Block::begin);
    at_start_ = true;
  } else if (word == "CASE") {
    blocks_.push_back(at_start ? Block::case_statement : Block::case_expression);
  } else if (at_start && word == "IF") {
    blocks_.push_back(Block::branch);
  } else if (at_start && is_one_of(word, {"LOOP", "WHILE", "REPEAT", "FOR"})) {
    blocks_.push_back(Block::loop);
    at_start_ = word == "LOOP" || word == "REPEAT";
  } else {
    return false;
  }
  return true;
}

void CompoundBody::close() {
  if (!is_open()) return;
  behind_end_ = blocks_.back() != Block::case_expression;
  blocks_.pop_back();
}

}  // namespace flux::mariadb
