#include "table_facts.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "names.hpp"

namespace flux::sqlite {
namespace {

// What the column depends on that is never dropped alone. It is no fact, and is there to be read in change() alone:
// dependencies do not count where facts are compared, as the order of columns does not.
constexpr const char* kept_column = "first column";

std::string bracketed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "(" : ", ") + name_in_sql(name);
  return out + ")";
}

// What tells a constraint from others of its kind in its table.
std::string own_name(const Constraint& c) {
  if (c.kind == ConstraintKind::primary_key) return {};
  if (!c.name.empty()) return "." + name_in_sql(c.name);
  if (c.kind == ConstraintKind::check) return " (" + c.expression + ")";
  if (c.kind == ConstraintKind::unique) return " " + bracketed(c.columns);
  return " " + bracketed(c.columns) + " -> " + name_in_sql(c.references) +
         (c.referenced.empty() ? "" : " " + bracketed(c.referenced));
}

class TableEmitter {
 public:
  TableEmitter(const TableText& table, const std::function<void(const Fact&)>& emit)
      : table_(table), emit_(emit), ref_(table_ref(table.name)) {}

  void run() {
    Fact fact;
    fact.name = ref_;
    fact.object = table_.name;
    fact.definition = "CREATE TABLE " + name_in_sql(table_.name);
    emit_(fact);
    if (table_.strict) emit_option("STRICT");
    if (table_.without_rowid) emit_option("WITHOUT ROWID");
    for (const TableColumn& column : table_.columns) emit_column(column);
    for (const Constraint& constraint : table_.constraints) emit_constraint(constraint, ref_);
  }

 private:
  Fact part(const char* kind, std::string identity, const FactRef& parent, std::string object) const {
    Fact fact;
    fact.name = {kind, std::move(identity)};
    fact.parent = parent;
    fact.object = std::move(object);
    fact.part = true;
    return fact;
  }

  // What belongs to the table as a whole: facts, so that a difference leads to the table with all its parts.
  void emit_option(const char* option) {
    Fact fact = part(kind::option, ref_.identity + " " + option, ref_, option);
    fact.definition = option;
    emit_(fact);
  }

  void emit_column(const TableColumn& column) {
    Fact fact = part(kind::column, column_ref(table_.name, column.name).identity, ref_, column.name);
    fact.definition = column.definition;
    const auto set = [&](const char* name, const std::string& value) {
      if (!value.empty()) fact.properties.emplace_back(name, value);
    };
    set("collation", column.collation);
    set("default", column.default_value);
    set("expression", column.expression);
    set("generated", column.generated);
    set("not null", column.not_null);
    set("type", column.type);
    depend(fact, column.uses, column.name);
    if (column.generated.empty() && !has_kept_) fact.dependencies.push_back({{kept_column, ref_.identity}});
    has_kept_ = has_kept_ || column.generated.empty();
    emit_(fact);
    for (const Constraint& constraint : column.constraints) emit_constraint(constraint, fact.name);
  }

  void emit_constraint(const Constraint& constraint, const FactRef& parent) {
    Fact fact = part(fact_kind(constraint.kind), ref_.identity + own_name(constraint), parent, own_name(constraint));
    if (!constraint.name.empty()) fact.object = constraint.name;
    fact.definition = constraint.in_table();
    if (constraint.descending_inline) fact.properties.emplace_back("order", "descending");
    // The same twice says nothing more; others of one name are told apart.
    int& count = seen_[fact.name];
    if (count > 0 && definitions_.count({fact.name, fact.definition}) != 0) return;
    definitions_.emplace(fact.name, fact.definition);
    if (++count > 1) fact.name.identity += " #" + std::to_string(count);
    depend(fact, constraint.columns, "");
    emit_(fact);
  }

  void depend(Fact& fact, const std::vector<std::string>& columns, const std::string& but) const {
    for (const std::string& name : columns)
      if (const TableColumn* column = table_.find(name); column != nullptr && !same_name(column->name, but))
        fact.dependencies.push_back({column_ref(table_.name, column->name)});
  }

  const TableText& table_;
  const std::function<void(const Fact&)>& emit_;
  const FactRef ref_;
  bool has_kept_ = false;
  std::map<FactRef, int> seen_;
  std::set<std::pair<FactRef, std::string>> definitions_;
};

}  // namespace

FactRef table_ref(const std::string& table) { return {kind::table, name_in_sql(table)}; }

FactRef column_ref(const std::string& table, const std::string& column) {
  return {kind::column, name_in_sql(table) + "." + name_in_sql(column)};
}

void emit_table(const TableText& table, const std::function<void(const Fact&)>& emit) {
  TableEmitter(table, emit).run();
}

bool is_kept_column(const Fact& column) {
  return std::any_of(column.dependencies.begin(), column.dependencies.end(),
                     [](const Dependency& d) { return d.on.kind == kept_column; });
}

const char* fact_kind(ConstraintKind kind) {
  switch (kind) {
    case ConstraintKind::primary_key:
      return kind::primary_key;
    case ConstraintKind::unique:
      return kind::unique;
    case ConstraintKind::check:
      return kind::check;
    case ConstraintKind::foreign_key:
      return kind::foreign_key;
  }
  return "";
}

}  // namespace flux::sqlite
