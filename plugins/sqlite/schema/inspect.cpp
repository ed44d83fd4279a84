#include "inspect.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "definition_text.hpp"
#include "names.hpp"
#include "table_facts.hpp"

namespace flux::sqlite {
namespace {

// One row of sqlite_schema.
struct Row {
  std::string type, name, stands_on, sql;  // stands_on: the table, folded
  Header header{};
  std::optional<TableText> table{};  // of a table that could be read
};

// A transaction that only reads, unless one is open already.
class ReadTransaction {
 public:
  explicit ReadTransaction(const Connection& connection)
      : connection_(connection), began_(!connection.in_transaction()) {
    if (began_) connection.execute("BEGIN");
  }
  ~ReadTransaction() {
    if (began_) sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  const Connection& connection_;
  bool began_;
};

class Inspection {
 public:
  Inspection(const Connection& connection, const std::string& history_table,
             const std::function<void(const Fact&)>& emit)
      : connection_(connection), history_(folded(history_table)), emit_(emit) {}

  void run() {
    {
      const ReadTransaction transaction(connection_);
      read_rows();
      leave_out_shadows();
    }
    for (Row& row : rows_) read(row);
    for (const auto& [name, row] : tables_) emit_with_referenced(*row);
    for (const char* of_kind : {kind::virtual_table, kind::view, kind::index, kind::trigger})
      for (const Row& row : rows_)
        if (row.header.kind == of_kind) emit_object(row);
    for (const Row& row : rows_)
      if (row.header.kind.empty() || (row.header.kind == kind::table && !row.table)) emit_unread(row);
  }

 private:
  void read_rows() {
    Query query(connection_,
                "SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
    while (query.step()) {
      const std::string name = query.text(1), table = folded(query.text(2));
      if (folded(name).substr(0, 7) != "sqlite_" && table != history_)
        rows_.push_back({query.text(0), name, table, query.text(3)});
    }
  }

  // Tables that virtual tables keep their content in. Asked for only where there are any: that reads every table.
  void leave_out_shadows() {
    const auto is_virtual = [](const Row& row) { return upper(row.sql.substr(0, 14)) == "CREATE VIRTUAL"; };
    if (std::none_of(rows_.begin(), rows_.end(), is_virtual)) return;
    std::set<std::string> shadows;
    Query query(connection_, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'");
    while (query.step()) shadows.insert(query.text(0));
    const auto is_shadow = [&](const Row& row) { return shadows.count(row.name) != 0; };
    rows_.erase(std::remove_if(rows_.begin(), rows_.end(), is_shadow), rows_.end());
  }

  void read(Row& row) {
    try {
      row.header = read_header(row.sql);
      if (row.header.kind == kind::table) row.table = read_table(row.header);
    } catch (const BackendError&) {
      row.table.reset();
      return;
    }
    if (row.table) tables_[folded(row.name)] = &row;
    if (row.header.kind == kind::view || row.header.kind == kind::virtual_table || row.header.kind == kind::table)
      kinds_[folded(row.name)] = {row.header.kind, name_in_sql(row.name)};
  }

  // People read the tables that others refer to first.
  void emit_with_referenced(const Row& row) {
    if (!emitted_.insert(&row).second) return;
    const auto visit = [&](const Constraint& constraint) {
      const auto at = tables_.find(folded(constraint.references));
      if (constraint.kind == ConstraintKind::foreign_key && at != tables_.end()) emit_with_referenced(*at->second);
    };
    for (const TableColumn& column : row.table->columns)
      for (const Constraint& constraint : column.constraints) visit(constraint);
    for (const Constraint& constraint : row.table->constraints) visit(constraint);
    emit_table(*row.table, emit_);
  }

  void emit_object(const Row& row) const {
    ObjectText text;
    try {
      text = read_object(row.header, [&](std::string_view table) { return columns_of(table); });
    } catch (const BackendError&) {
      emit_unread(row);
      return;
    }
    Fact fact;
    fact.name = {row.header.kind, name_in_sql(row.name)};
    fact.object = row.name;
    fact.definition = text.definition;
    std::set<FactRef> needs;
    if (const auto on = kinds_.find(folded(text.on)); on != kinds_.end()) {
      fact.parent = on->second;
      needs.insert(on->second);
    }
    for (const std::string& table : text.tables)
      if (const auto used = kinds_.find(folded(table)); used != kinds_.end() && !(used->second == fact.name))
        needs.insert(used->second);
    for (const auto& [table, column] : text.columns)
      if (const auto known = tables_.find(folded(table)); known != tables_.end())
        if (const TableColumn* found = known->second->table->find(column))
          needs.insert(column_ref(known->second->name, found->name));
    for (const FactRef& on : needs) fact.dependencies.push_back({on});
    emit_(fact);
  }

  // What stands on a table is a part of it: whoever makes that anew must know what goes with it.
  void emit_unread(const Row& row) const {
    Fact fact;
    fact.name = {row.header.kind.empty() ? row.type : row.header.kind, name_in_sql(row.name)};
    fact.object = row.name;
    fact.definition = row.sql;
    fact.unmodelled = true;
    if (const auto on = kinds_.find(row.stands_on); on != kinds_.end() && row.stands_on != folded(row.name)) {
      fact.parent = on->second;
      fact.part = true;
    }
    emit_(fact);
  }

  std::map<std::string, std::string> columns_of(std::string_view table) const {
    std::map<std::string, std::string> out;
    const auto at = tables_.find(folded(table));
    if (at == tables_.end()) return out;
    for (const TableColumn& column : at->second->table->columns)
      out.emplace(folded(column.name), name_in_sql(column.name));
    return out;
  }

  const Connection& connection_;
  const std::string history_;
  const std::function<void(const Fact&)>& emit_;
  std::vector<Row> rows_;
  std::map<std::string, const Row*> tables_;  // folded name
  std::map<std::string, FactRef> kinds_;      // folded name: of tables, views and virtual tables
  std::set<const Row*> emitted_;
};

}  // namespace

void inspect_schema(const Connection& connection, const std::string& history_table,
                    const std::function<void(const Fact&)>& emit) {
  Inspection(connection, history_table, emit).run();
}

}  // namespace flux::sqlite
