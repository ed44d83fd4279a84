#include "history_table.hpp"

#include <algorithm>
#include <cstdlib>

namespace flux::mariadb {
namespace {

constexpr std::size_t longest_key = 255;  // in bytes, of each part: what a file name can be

// The columns besides the key and the hash, which every history has.
struct Column {
  const char* name;
  const char* definition;
};
constexpr Column added_columns[] = {
    {"applied_at", "datetime(6) NULL"},  {"state", "varchar(64) NOT NULL DEFAULT 'applied'"},
    {"undo", "longtext NULL"},           {"statements_done", "bigint NULL"},
    {"duration_ms", "bigint NULL"},      {"applied_by", "text NULL"},
    {"flux_version", "text NULL"},       {"run_id", "varchar(255) NULL"},
    {"script", "longtext NULL"},         {"done_hash", "varchar(255) NULL"},
    {"note", "longtext NULL"},           {"statements_started", "bigint NULL"},
    {"statements_total", "bigint NULL"},
};

// In the order of history_row().
constexpr const char* listed[] = {"id",
                                  "hash",
                                  "namespace",
                                  "applied_at",
                                  "state",
                                  "undo",
                                  "statements_done",
                                  "duration_ms",
                                  "applied_by",
                                  "flux_version",
                                  "run_id",
                                  "done_hash",
                                  "note",
                                  "statements_started",
                                  "statements_total"};

std::int64_t number(const std::optional<std::string>& text, std::int64_t otherwise) {
  return text ? std::strtoll(text->c_str(), nullptr, 10) : otherwise;
}

HistoryRow history_row(const Values& row) {
  HistoryRow out;
  out.id = row[0].value_or("");
  out.hash = row[1].value_or("");
  out.name_space = row[2].value_or("");
  out.applied_at_us = number(row[3], 0);
  out.state = row[4].value_or("applied");
  out.undo = row[5];
  out.statements_done = number(row[6], -1);
  out.duration_ms = number(row[7], -1);
  out.applied_by = row[8];
  out.flux_version = row[9];
  out.run_id = row[10];
  out.done_hash = row[11];
  out.note = row[12];
  out.statements_started = number(row[13], -1);
  out.statements_total = number(row[14], -1);
  return out;
}

std::string text_or_null(const std::optional<std::string>& text) { return text ? quoted_text(*text) : "NULL"; }
std::string number_or_null(std::int64_t value) { return value == -1 ? "NULL" : std::to_string(value); }

// Microseconds since 1970 UTC as a datetime, by arithmetic alone: no time zone has a part in it.
constexpr const char* epoch = "'1970-01-01 00:00:00.000000'";
std::string time_expression(std::int64_t us) {
  if (us == 0) return "UTC_TIMESTAMP(6)";
  return std::string("TIMESTAMPADD(MICROSECOND, ") + std::to_string(us) + ", " + epoch + ")";
}

// What is compared byte by byte, blanks at the end included.
const char* exact_text(const Connection& connection) {
  if (connection.is_mariadb()) return "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin";
  constexpr unsigned long nopad_since = 80017;  // older ones take "a" and "a " for the same
  return connection.server_version() >= nopad_since ? "CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin"
                                                    : "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
}

}  // namespace

void HistoryTable::enter(const std::string& database) {
  database_ = given_database_.empty() ? database : given_database_;
  forget();
  if (database_.empty())
    throw BackendError(FLUX_E_CONNECTION, "the database URI names no database")
        .hint(
            "add it behind the host, as in mariadb://HOST/DATABASE, or say with migrations_database where the history "
            "is");
}

const std::vector<std::string>& HistoryTable::columns(Connection& connection) {
  if (columns_ && !columns_->empty()) return *columns_;
  std::vector<std::string> found;
  for (const Values& row : connection.run(
           "SELECT LOWER(column_name) FROM information_schema.columns WHERE table_schema = " + quoted_text(database_) +
           " AND table_name = " + quoted_text(table_)))
    found.push_back(row[0].value_or(""));
  if (!found.empty())
    for (const char* needed : {"id", "hash"})
      if (std::find(found.begin(), found.end(), needed) == found.end())
        refuse_table(std::string("it has no column \"") + needed + '"');
  columns_ = std::move(found);
  return *columns_;
}

bool HistoryTable::has(const char* column) const {
  return columns_ && std::find(columns_->begin(), columns_->end(), column) != columns_->end();
}

void HistoryTable::refuse_table(const std::string& why) const {
  throw BackendError(FLUX_E_FAILED, "the table " + database_ + '.' + table_ + " is not a history of migrations: " + why)
      .hint("name another one with migrations_database and migrations_table");
}

void HistoryTable::list(Connection& connection, std::string_view name_space, bool undo_texts,
                        const std::function<void(const HistoryRow&)>& emit) {
  if (columns(connection).empty()) return;
  std::string sql;
  for (const char* column : listed) {
    std::string value = has(column) ? quoted_name(column) : "NULL";
    if (value != "NULL" && std::string_view(column) == "applied_at")
      value = std::string("TIMESTAMPDIFF(MICROSECOND, ") + epoch + ", applied_at)";
    if (value != "NULL" && std::string_view(column) == "undo" && !undo_texts) value = "IF(`undo` IS NULL, NULL, '')";
    sql += (sql.empty() ? "SELECT " : ", ") + value;
  }
  sql += " FROM " + name();
  if (has("namespace"))
    sql += " WHERE namespace = " + quoted_text(name_space);
  else if (!name_space.empty())
    return;
  try {
    connection.rows_of(sql, [&](const Values& row) { emit(history_row(row)); });
  } catch (const Refused& e) {
    if (e.number() != 1146 && e.number() != 1049) throw;
    columns_.reset();  // dropped since it was seen
  }
}

std::string HistoryTable::key_condition(std::string_view name_space, std::string_view id) const {
  return " WHERE namespace = " + quoted_text(name_space) + " AND id = " + quoted_text(id);
}

std::optional<std::string> HistoryTable::script(Connection& connection, std::string_view name_space,
                                                std::string_view id) {
  columns(connection);
  if (!has("script") || !has("namespace")) return std::nullopt;
  return connection.value("SELECT script FROM " + name() + key_condition(name_space, id));
}

void HistoryTable::create(Connection& connection) const {
  const std::string exact = exact_text(connection), key = "varchar(" + std::to_string(longest_key) + ") " + exact;
  std::string sql = "CREATE TABLE IF NOT EXISTS " + name() + " (id " + key + " NOT NULL, namespace " + key +
                    " NOT NULL DEFAULT '', hash varchar(255) NOT NULL";
  for (const Column& column : added_columns) sql += ", " + quoted_name(column.name) + ' ' + column.definition;
  // The history must roll back with what it records, whatever engine tables have by default.
  connection.run(sql + ", PRIMARY KEY (namespace, id)) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT " + exact);
}

void HistoryTable::complete_it(Connection& connection) {
  if (columns(connection).empty()) {
    const std::string there = "SELECT 1 FROM information_schema.schemata WHERE schema_name = " + quoted_text(database_);
    if (!connection.value(there)) connection.run("CREATE DATABASE IF NOT EXISTS " + quoted_name(database_));
    create(connection);
    columns_.reset();
    columns(connection);
  }
  if (!has("namespace")) refuse_table("it has no column \"namespace\"");
  std::string missing;
  for (const Column& column : added_columns)
    if (!has(column.name)) missing += ", ADD COLUMN " + quoted_name(column.name) + ' ' + column.definition;
  if (missing.empty()) return;
  try {
    connection.run("ALTER TABLE " + name() + missing.substr(1));
  } catch (const Refused& e) {
    if (e.number() != 1060) throw;  // another run has added them
  }
  columns_.reset();
}

// Said before it is sent: the server would end the connection.
void HistoryTable::require_room(Connection& connection, const HistoryRow& row, std::size_t length) const {
  constexpr std::size_t surely_fits = 512 * 1024;
  if (length <= surely_fits) return;
  const std::size_t most =
      std::strtoull(connection.value("SELECT @@max_allowed_packet").value_or("").c_str(), nullptr, 10);
  if (length < most) return;
  throw BackendError(FLUX_E_FAILED, "the history cannot keep the undo script of \"" + row.id + "\": its row has " +
                                        std::to_string(length) + " bytes, and the server takes " + std::to_string(most))
      .hint("raise the server's max_allowed_packet, or shorten the undo script");
}

void HistoryTable::write(Connection& connection, const HistoryRow& row) const {
  if (row.id.size() > longest_key || row.name_space.size() > longest_key)
    throw BackendError(FLUX_E_FAILED, "the history takes names of at most " + std::to_string(longest_key) + " bytes");
  constexpr const char* replaced[] = {"hash",
                                      "state",
                                      "undo",
                                      "applied_by",
                                      "flux_version",
                                      "applied_at",
                                      "duration_ms",
                                      "statements_done",
                                      "run_id",
                                      "script",
                                      "done_hash",
                                      "note",
                                      "statements_started",
                                      "statements_total"};
  std::string sql = "INSERT INTO " + name() + " (namespace, id";
  for (const char* column : replaced) sql += ", " + quoted_name(column);
  sql += ") VALUES (" + quoted_text(row.name_space) + ", " + quoted_text(row.id) + ", " + quoted_text(row.hash) + ", " +
         quoted_text(row.state) + ", " + text_or_null(row.undo) + ", " + text_or_null(row.applied_by) + ", " +
         text_or_null(row.flux_version) + ", " + time_expression(row.applied_at_us) + ", " +
         number_or_null(row.duration_ms) + ", " + number_or_null(row.statements_done) + ", " +
         text_or_null(row.run_id) + ", " + text_or_null(row.script) + ", " + text_or_null(row.done_hash) + ", " +
         text_or_null(row.note) + ", " + number_or_null(row.statements_started) + ", " +
         number_or_null(row.statements_total) + ')';
  if (!row.is_new) {
    std::string set;
    for (const char* column : replaced) set += ", " + quoted_name(column) + " = VALUES(" + quoted_name(column) + ')';
    sql += " ON DUPLICATE KEY UPDATE" + set.substr(1);
  }
  require_room(connection, row, sql.size());
  try {
    connection.run(sql);
  } catch (const Refused& e) {
    if (!row.is_new || e.number() != 1062) throw;
    throw BackendError(FLUX_E_CONFLICT, "the history already has \"" + row.id + "\": another run has applied it")
        .sqlstate(e.sqlstate());
  }
}

bool HistoryTable::remove(Connection& connection, std::string_view name_space, std::string_view id) const {
  connection.run("DELETE FROM " + name() + key_condition(name_space, id));
  return connection.affected() > 0;
}

}  // namespace flux::mariadb
