#include "loaded_check.hpp"

#include <set>

#include "constraint_text.hpp"
#include "inspect.hpp"
#include "names.hpp"
#include "object_text.hpp"

namespace flux::sqlite {
namespace {

using Problems = std::vector<std::pair<FactRef, std::string>>;

class Checker {
 public:
  Checker(const Connection& connection, bool foreign_keys) : connection_(connection), foreign_keys_(foreign_keys) {}

  Problems found() {
    inspect_schema(connection_, "", [&](const Fact& fact) { facts_.push_back(fact); });
    for (const Fact& fact : facts_) {
      if (fact.name.kind == kind::view) check(fact.name, "SELECT 1 FROM " + fact.name.identity);
      if (fact.name.kind == kind::trigger) check_trigger(fact);
      if (fact.name.kind == kind::foreign_key && foreign_keys_) check_key(fact);
    }
    return std::move(problems_);
  }

 private:
  // A statement that is only prepared; what it fails with.
  std::string failure(const std::string& sql) const {
    try {
      Query query(connection_, sql);
      return {};
    } catch (const BackendError& error) {
      if (error.code() != FLUX_E_FAILED) throw;
      return error.what();
    }
  }

  void check(const FactRef& name, const std::string& sql) {
    if (std::string message = failure(sql); !message.empty()) problems_.emplace_back(name, std::move(message));
  }

  // A statement that a trigger fires on holds it: prepared without the table's other triggers.
  void check_trigger(const Fact& fact) {
    const std::string statement = firing_statement(fact);
    if (failure(statement).empty()) return;
    connection_.execute("SAVEPOINT flux_check");
    for (const Fact& other : facts_)
      if (other.name.kind == kind::trigger && other.parent == fact.parent && !(other.name == fact.name))
        connection_.execute("DROP TRIGGER " + other.name.identity);
    std::string message = failure(statement);
    connection_.execute("ROLLBACK TO flux_check");
    connection_.execute("RELEASE flux_check");
    if (!message.empty()) problems_.emplace_back(fact.name, std::move(message));
  }

  std::string firing_statement(const Fact& trigger) const {
    const std::string& on = trigger.parent ? trigger.parent->identity : trigger.name.identity;
    const Header header = read_header(trigger.definition);
    TokenReader reader = header.rest();
    while (!reader.peek().is("DELETE") && !reader.peek().is("INSERT") && !reader.peek().is("UPDATE")) reader.take();
    if (reader.accept("DELETE")) return "DELETE FROM " + on;
    if (reader.accept("INSERT")) return "INSERT INTO " + on + " DEFAULT VALUES";
    reader.take();
    std::set<std::string> columns;
    if (reader.accept("OF"))
      while (!reader.peek().is("ON") && !reader.done()) columns.insert(folded(without_quotes(reader.take().text)));
    return "UPDATE " + on + " SET " + written_column(trigger, on, columns) + " = NULL";
  }

  // One that can be written to, if possible of `columns`.
  std::string written_column(const Fact& trigger, const std::string& on, const std::set<std::string>& columns) const {
    std::string out;
    for (const Fact& fact : facts_) {
      if (fact.name.kind != kind::column || fact.parent != trigger.parent || !fact.property("generated").empty())
        continue;
      if (columns.count(folded(fact.object)) != 0) return name_in_sql(fact.object);
      out = name_in_sql(fact.object);
    }
    if (!out.empty()) return out;
    Query query(connection_, "SELECT * FROM " + on);
    return quoted(query.column_name(0));
  }

  void check_key(const Fact& fact) {
    const FactRef table = table_of(fact);
    const std::string parent = name_in_sql(constraint_of(fact.definition, false).references);
    if (const std::string message = failure("SELECT 1 FROM " + parent); !message.empty())
      problems_.emplace_back(table, fact.definition + ": " + message);
    // Fails for a key of the table that refers to columns which are not there, or not unique.
    else if (checked_.insert(table).second)
      check(table, "PRAGMA main.foreign_key_check(" + table.identity + ")");
  }

  // The table that a constraint belongs to.
  FactRef table_of(const Fact& constraint) const {
    if (constraint.parent->kind == kind::table) return *constraint.parent;
    for (const Fact& fact : facts_)
      if (fact.name == *constraint.parent) return *fact.parent;
    return constraint.name;
  }

  const Connection& connection_;
  const bool foreign_keys_;
  std::vector<Fact> facts_;
  std::set<FactRef> checked_;  // tables whose keys were checked
  Problems problems_;
};

}  // namespace

std::vector<std::pair<FactRef, std::string>> check_loaded(const Connection& connection, bool foreign_keys) {
  return Checker(connection, foreign_keys).found();
}

}  // namespace flux::sqlite
