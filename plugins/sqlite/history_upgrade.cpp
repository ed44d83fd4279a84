#include "history_upgrade.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "migration_transaction.hpp"

namespace flux::sqlite {
namespace {

struct Declaration {
  const char *name, *rest;
  int key = 0;  // its place in the primary key, from 1; 0: not in it

  // Can a table get it by ALTER TABLE? There a column needs NULL or a constant for the rows that are there.
  bool can_be_added() const { return key == 0 && std::string_view(rest).find("NOT NULL") == std::string_view::npos; }
};

constexpr Declaration declarations[] = {
    {"namespace", "text NOT NULL DEFAULT ''", 1},
    {"id", "text NOT NULL", 2},
    {"hash", "text NOT NULL"},
    {"state", "text NOT NULL DEFAULT 'applied'"},
    {"undo", "text"},
    {"applied_at", "timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))"},
    {"duration_ms", "integer"},
    {"applied_by", "text"},
    {"flux_version", "text"},
    {"statements_done", "integer"},
    {"run_id", "text"},
    {"script", "text"},
    {"done_hash", "text"},
    {"note", "text"},
    {"statements_started", "integer"},
    {"statements_total", "integer"},
};

struct Column {
  std::string name, type, default_value;
  bool not_null = false, has_default = false, generated = false;
  std::int64_t key = 0;
};

bool equal(const std::string& a, const char* b) { return sqlite3_stricmp(a.c_str(), b) == 0; }

std::vector<Column> columns_of(const Connection& connection, const std::string& table) {
  std::vector<Column> out;
  Query query(connection, "PRAGMA main.table_xinfo(" + quoted(table) + ")");
  while (query.step()) {
    const bool has_default = query.type(4) != SQLITE_NULL;
    out.push_back({query.text(1), query.text(2), query.text(4), query.integer(3) != 0, has_default,
                   query.integer(6) != 0, query.integer(5)});
  }
  return out;
}

const Column* find(const std::vector<Column>& columns, const char* name) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return equal(c.name, name); });
  return found == columns.end() ? nullptr : &*found;
}

bool is_known(const Column& column) {
  return std::any_of(std::begin(declarations), std::end(declarations),
                     [&](const Declaration& d) { return equal(column.name, d.name); });
}

bool is_complete(const std::vector<Column>& columns) {
  return std::all_of(std::begin(declarations), std::end(declarations), [&](const Declaration& d) {
    const Column* column = find(columns, d.name);
    return column != nullptr && column->key == d.key;
  });
}

// Can it be completed without being rebuilt?
bool can_be_extended(const std::vector<Column>& columns) {
  return std::all_of(std::begin(declarations), std::end(declarations), [&](const Declaration& d) {
    const Column* column = find(columns, d.name);
    return column != nullptr ? column->key == d.key : d.can_be_added();
  });
}

void extend(const Connection& connection, const std::string& table, const std::vector<Column>& old) {
  for (const Declaration& d : declarations)
    if (find(old, d.name) == nullptr)
      connection.execute("ALTER TABLE main." + quoted(table) + " ADD COLUMN " + d.name + " " + d.rest);
}

void require_history(const std::vector<Column>& columns, const std::string& table) {
  const auto refuse = [&](const std::string& why) {
    throw BackendError(FLUX_E_FAILED, "the table " + quoted(table) + " cannot become the history: " + why)
        .hint("set migrations_table in [backend] to another name");
  };
  for (const char* required : {"id", "hash"})
    if (find(columns, required) == nullptr) refuse(std::string("it has no column ") + required);
  for (const Column& column : columns)
    if (column.generated) refuse("its column " + quoted(column.name) + " is generated");
}

std::string create_statement(const std::string& table, const std::vector<Column>& old) {
  std::string sql = "CREATE TABLE main." + quoted(table) + " (";
  for (const Declaration& d : declarations) sql += std::string(d.name) + " " + d.rest + ", ";
  for (const Column& column : old) {
    if (is_known(column)) continue;
    sql += quoted(column.name) + " " + column.type + (column.not_null ? " NOT NULL" : "");
    if (column.has_default) sql += " DEFAULT (" + column.default_value + ")";
    sql += ", ";
  }
  return sql + "PRIMARY KEY (namespace, id))";
}

// What belongs to the table and is dropped with it.
std::vector<std::string> indexes_and_triggers(const Connection& connection, const std::string& table) {
  std::vector<std::string> out;
  Query query(connection,
              "SELECT sql FROM main.sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
              " AND tbl_name = ?1 COLLATE NOCASE");
  query.bind(1, std::string_view(table));
  while (query.step()) out.push_back(query.text(0));
  return out;
}

void rebuild(const Connection& connection, const std::string& table, const std::vector<Column>& old) {
  require_history(old, table);
  const std::vector<std::string> attached = indexes_and_triggers(connection, table);
  const std::string fresh = table + "_flux_upgrade";
  std::string names;
  for (const Column& column : old) names += (names.empty() ? "" : ", ") + quoted(column.name);
  connection.execute(create_statement(fresh, old));
  connection.execute("INSERT INTO main." + quoted(fresh) + " (" + names + ") SELECT " + names + " FROM main." +
                     quoted(table));
  connection.execute("DROP TABLE main." + quoted(table));
  connection.execute("ALTER TABLE main." + quoted(fresh) + " RENAME TO " + quoted(table));
  for (const std::string& sql : attached) connection.execute(sql);
}

// Views and triggers that use the table are left alone while it is away for a moment.
class LegacyAlterTable {
 public:
  explicit LegacyAlterTable(const Connection& connection) : connection_(connection) {
    sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, -1, &before_);
    sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 1, nullptr);
  }
  ~LegacyAlterTable() { sqlite3_db_config(connection_.handle(), SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, before_, nullptr); }
  LegacyAlterTable(const LegacyAlterTable&) = delete;
  LegacyAlterTable& operator=(const LegacyAlterTable&) = delete;

 private:
  const Connection& connection_;
  int before_ = 0;
};

}  // namespace

void upgrade_history(Connection& connection, const std::string& table) {
  if (is_complete(columns_of(connection, table))) return;
  const LegacyAlterTable legacy(connection);
  MigrationTransaction transaction(connection);
  // Again: another process may have been faster.
  const std::vector<Column> columns = columns_of(connection, table);
  if (columns.empty()) {
    connection.execute(create_statement(table, {}));
  } else if (can_be_extended(columns)) {
    extend(connection, table, columns);
  } else {
    rebuild(connection, table, columns);
  }
  transaction.commit();
}

}  // namespace flux::sqlite
