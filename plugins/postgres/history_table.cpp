#include "history_table.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "writable.hpp"

namespace flux::postgres {
namespace {

// The columns besides id and hash, which every history has.
struct Column {
  const char* name;
  const char* definition;
};
constexpr Column added_columns[] = {
    {"namespace", "text NOT NULL DEFAULT ''"},
    {"applied_at", "timestamptz NOT NULL DEFAULT now()"},
    {"state", "text NOT NULL DEFAULT 'applied'"},
    {"undo", "text"},
    {"statements_done", "bigint"},
    {"duration_ms", "bigint"},
    {"applied_by", "text"},
    {"flux_version", "text"},
    {"run_id", "text"},
    {"script", "text"},
    {"done_hash", "text"},
    {"note", "text"},
    {"statements_started", "bigint"},
    {"statements_total", "bigint"},
};

// A column that the table lacks is found in `missing` instead, by the rules of SQL's scopes.
constexpr const char* list_query = R"(
SELECT h.* FROM
 (SELECT ''::text AS namespace, NULL::timestamptz AS applied_at, 'applied'::text AS state, NULL::text AS undo,
         NULL::bigint AS statements_done, NULL::bigint AS duration_ms, NULL::text AS applied_by,
         NULL::text AS flux_version, NULL::text AS run_id, NULL::text AS done_hash, NULL::text AS note,
         NULL::bigint AS statements_started, NULL::bigint AS statements_total) AS missing
 CROSS JOIN LATERAL
 (SELECT id::text, hash::text, namespace::text,
         pg_catalog.round(extract(epoch FROM applied_at::timestamptz) * 1000000)::bigint,
         state::text, %UNDO%, statements_done::bigint, duration_ms::bigint, applied_by::text, flux_version::text,
         run_id::text, done_hash::text, note::text, statements_started::bigint, statements_total::bigint
    FROM %TABLE%) AS h
 WHERE h.namespace = %NAMESPACE%)";
constexpr const char* undo_text = "undo::text";
constexpr const char* undo_or_not = "CASE WHEN undo IS NOT NULL THEN ''::text END";

constexpr const char* script_query = R"(
SELECT h.script FROM (SELECT ''::text AS namespace, NULL::text AS script) AS missing
 CROSS JOIN LATERAL (SELECT id::text, namespace::text, script::text FROM %TABLE%) AS h
 WHERE h.namespace = $1 AND h.id = $2)";

// Seconds and microseconds apart: intervals are multiplied as floating point.
constexpr const char* write_query = R"(
INSERT INTO %TABLE% AS h (namespace, id, hash, state, undo, applied_by, flux_version, applied_at, duration_ms,
                          statements_done, run_id, script, done_hash, note, statements_started, statements_total)
VALUES ($1, $2, $3, $4, $5, $6, $7,
        coalesce(timestamptz 'epoch' + $8::bigint / 1000000 * interval '1 second'
                                     + $8::bigint % 1000000 * interval '1 microsecond', pg_catalog.clock_timestamp()),
        %DURATION%, $10::bigint, $11, $12, $13, $14, $15::bigint, $16::bigint))";

constexpr const char* replace_clause = R"(
ON CONFLICT (namespace, id) DO UPDATE SET hash = excluded.hash, state = excluded.state, undo = excluded.undo,
  applied_by = excluded.applied_by, flux_version = excluded.flux_version, applied_at = excluded.applied_at,
  duration_ms = excluded.duration_ms, statements_done = excluded.statements_done, run_id = excluded.run_id,
  script = excluded.script, done_hash = excluded.done_hash, note = excluded.note,
  statements_started = excluded.statements_started, statements_total = excluded.statements_total)";

// Milliseconds since the transaction began.
constexpr const char* measured_duration =
    "pg_catalog.round(extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp()) * "
    "1000)::bigint";

constexpr const char* inspect_query = R"(
SELECT c.oid, a.attname, a.attnum = ANY (i.indkey), i.indnkeyatts, k.conname
  FROM pg_catalog.pg_namespace n
  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
  LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'p'
 WHERE n.nspname = $1)";

std::string with(std::string sql, std::string_view mark, const std::string& text) {
  return sql.replace(sql.find(mark), mark.size(), text);
}
std::string with_table(std::string sql, const std::string& table) { return with(std::move(sql), "%TABLE%", table); }

std::optional<std::string> text(const PGresult* rows, int row, int column) {
  if (PQgetisnull(rows, row, column) == 1) return std::nullopt;
  return std::string(PQgetvalue(rows, row, column), static_cast<std::size_t>(PQgetlength(rows, row, column)));
}

std::int64_t number(const PGresult* rows, int row, int column, std::int64_t otherwise) {
  const char* value = PQgetvalue(rows, row, column);
  std::int64_t out = otherwise;
  std::from_chars(value, value + std::strlen(value), out);
  return out;
}

// The columns are in the order of list_query.
HistoryRow history_row(const PGresult* rows, int row) {
  HistoryRow out;
  out.id = text(rows, row, 0).value_or("");
  out.hash = text(rows, row, 1).value_or("");
  out.name_space = text(rows, row, 2).value_or("");
  out.applied_at_us = number(rows, row, 3, 0);
  out.state = text(rows, row, 4).value_or("applied");
  out.undo = text(rows, row, 5);
  out.statements_done = number(rows, row, 6, -1);
  out.duration_ms = number(rows, row, 7, -1);
  out.applied_by = text(rows, row, 8);
  out.flux_version = text(rows, row, 9);
  out.run_id = text(rows, row, 10);
  out.done_hash = text(rows, row, 11);
  out.note = text(rows, row, 12);
  out.statements_started = number(rows, row, 13, -1);
  out.statements_total = number(rows, row, 14, -1);
  return out;
}

std::optional<std::string> unless(std::int64_t value, std::int64_t unknown) {
  if (value == unknown) return std::nullopt;
  return std::to_string(value);
}

}  // namespace

// What there is of the table.
struct HistoryTable::Shape {
  bool schema = false, table = false;
  std::vector<std::string> columns;
  std::vector<std::string> key_columns;
  std::string key_name;  // of the primary key's constraint, "": none

  bool has(const char* column) const { return std::find(columns.begin(), columns.end(), column) != columns.end(); }
  bool key_is_ours() const {
    const auto holds = [&](const char* c) {
      return std::find(key_columns.begin(), key_columns.end(), c) != key_columns.end();
    };
    return key_columns.size() == 2 && holds("namespace") && holds("id");
  }
  bool complete() const {
    return table && key_is_ours() &&
           std::all_of(std::begin(added_columns), std::end(added_columns),
                       [&](const Column& c) { return has(c.name); });
  }
};

HistoryTable::HistoryTable(std::string schema, std::string table, std::int64_t lock_id)
    : schema_(std::move(schema)), table_(std::move(table)), lock_id_(lock_id) {}

std::string HistoryTable::name_in(const Connection& connection) const {
  return connection.quoted_name(schema_) + '.' + connection.quoted_name(table_);
}

std::string HistoryTable::class_condition(const Connection& connection) const {
  return "c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname = " + connection.quoted_text(table_) +
         " AND c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = " +
         connection.quoted_text(schema_) + ')';
}

std::string HistoryTable::exists_expression(const Connection& connection) const {
  // to_regclass would be quicker, and fails where a role of init_sql alone has rights on the schema.
  return "EXISTS (SELECT FROM pg_catalog.pg_class c WHERE " + class_condition(connection) + ')';
}

void HistoryTable::known_exists(const std::string& exists) {
  seen_ = exists == "t";
  complete_ = seen_ ? std::nullopt : std::optional(false);
}

// How many of our columns it has, then how many of those of its primary key are of ours: "" where there is no table.
std::string HistoryTable::state_expression(const Connection& connection) const {
  std::string columns = "'id', 'hash'";
  for (const Column& column : added_columns) columns += std::string(", '") + column.name + '\'';
  return "coalesce((SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid "
         "AND NOT a.attisdropped AND a.attname IN (" +
         columns +
         ")) || ' ' || (SELECT pg_catalog.count(*) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a "
         "ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) WHERE i.indrelid = c.oid AND i.indisprimary "
         "AND i.indnkeyatts = 2 AND a.attname IN ('namespace', 'id')) FROM pg_catalog.pg_class c WHERE " +
         class_condition(connection) + "), '')";
}

void HistoryTable::known_state(const std::string& state) {
  seen_ = !state.empty();
  complete_ = state == std::to_string(std::size(added_columns) + 2) + " 2";
}

bool HistoryTable::complete(Connection& connection) {
  if (!complete_) known_state(PQgetvalue(connection.run("SELECT " + state_expression(connection)).get(), 0, 0));
  return *complete_;
}

// Asked for first: a failing query would end a transaction and leave an error in the server's log.
bool HistoryTable::exists(Connection& connection) {
  if (!seen_) known_exists(PQgetvalue(connection.run("SELECT " + exists_expression(connection)).get(), 0, 0));
  return seen_;
}

void HistoryTable::list(Connection& connection, std::string_view name_space, bool undo_texts,
                        const std::function<void(const HistoryRow&)>& emit) {
  if (!exists(connection)) return;
  std::string sql = with(list_query, "%UNDO%", undo_texts ? undo_text : undo_or_not);
  // The names come last: nothing is looked for in what people have chosen.
  sql = with(std::move(sql), "%NAMESPACE%", connection.quoted_text(std::string(name_space)));
  try {
    connection.rows_of(with_table(std::move(sql), name_in(connection)),
                       [&](const PGresult* row) { emit(history_row(row, 0)); });
  } catch (const BackendError& e) {
    if (e.sqlstate() == "42P01" || e.sqlstate() == "3F000") {  // dropped since it was seen
      known_state("");
      return;
    }
    if (e.sqlstate() == "42703") refuse_table(e.what());
    throw;
  }
}

std::optional<std::string> HistoryTable::script(Connection& connection, std::string_view name_space,
                                                std::string_view id) {
  if (!exists(connection)) return std::nullopt;
  const Result rows = connection.run(with_table(script_query, name_in(connection)),
                                     Parameters{std::string(name_space), std::string(id)});
  if (PQntuples(rows.get()) == 0) return std::nullopt;
  return text(rows.get(), 0, 0);
}

void HistoryTable::refuse_table(const std::string& why) const {
  throw BackendError(FLUX_E_FAILED, "the table " + schema_ + '.' + table_ + " is not a history of migrations: " + why)
      .hint("name another one with migrations_schema and migrations_table");
}

HistoryTable::Shape HistoryTable::inspect(Connection& connection) const {
  const Result rows = connection.run(inspect_query, Parameters{schema_, table_});
  Shape shape;
  shape.schema = PQntuples(rows.get()) > 0;
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    if (PQgetisnull(rows.get(), row, 0) == 1) continue;
    shape.table = true;
    if (const auto column = text(rows.get(), row, 1)) shape.columns.push_back(*column);
    if (text(rows.get(), row, 2) == "t") shape.key_columns.push_back(shape.columns.back());
    shape.key_name = text(rows.get(), row, 4).value_or("");
  }
  return shape;
}

void HistoryTable::complete_it(Connection& connection) {
  const Result lock = connection.run("SELECT pg_catalog.pg_advisory_xact_lock(" + std::to_string(lock_id_) +
                                     "); SELECT " + writable_columns);
  check_writable(lock.get());
  // Looked at again: another run may have done it meanwhile.
  if (const Shape shape = inspect(connection); !shape.complete()) change(connection, shape);
}

void HistoryTable::change(Connection& connection, const Shape& shape) const {
  const std::string name = name_in(connection);
  std::string sql;
  if (!shape.table) {
    if (!shape.schema) sql = "CREATE SCHEMA " + connection.quoted_name(schema_) + "; ";
    sql += "CREATE TABLE " + name + " (id text NOT NULL, hash text NOT NULL";
    for (const Column& column : added_columns) sql += std::string(", ") + column.name + ' ' + column.definition;
    connection.run(sql + ", PRIMARY KEY (namespace, id))");
    return;
  }
  for (const char* column : {"id", "hash"})
    if (!shape.has(column)) refuse_table(std::string("it has no column \"") + column + '"');
  for (const Column& column : added_columns)
    if (!shape.has(column.name)) sql += std::string(", ADD COLUMN ") + column.name + ' ' + column.definition;
  if (!shape.key_is_ours()) {
    if (!shape.key_name.empty()) sql += ", DROP CONSTRAINT " + connection.quoted_name(shape.key_name);
    sql += ", ADD PRIMARY KEY (namespace, id)";
  }
  connection.run("ALTER TABLE " + name + sql.substr(1));
}

HistoryTable::Command HistoryTable::write_command(const Connection& connection, const HistoryRow& row,
                                                  bool measured) const {
  const std::string duration = measured ? std::string("coalesce($9::bigint, ") + measured_duration + ")" : "$9::bigint";
  std::string sql = with_table(with(write_query, "%DURATION%", duration), name_in(connection));
  if (!row.is_new) sql += replace_clause;
  return {sql + " RETURNING h.duration_ms",
          {row.name_space, row.id, row.hash, row.state, row.undo, row.applied_by, row.flux_version,
           unless(row.applied_at_us, 0), unless(row.duration_ms, -1), unless(row.statements_done, -1), row.run_id,
           row.script, row.done_hash, row.note, unless(row.statements_started, -1), unless(row.statements_total, -1)}};
}

HistoryTable::Command HistoryTable::remove_command(const Connection& connection, const HistoryRow& row) const {
  return {"WITH gone AS (DELETE FROM " + name_in(connection) +
              " WHERE namespace = $1 AND id = $2 RETURNING 1) SELECT " + measured_duration +
              " / (SELECT pg_catalog.count(*) FROM gone)",
          {row.name_space, row.id}};
}

std::string HistoryTable::has_row_expression(const Connection& connection, const HistoryRow& row) const {
  return "EXISTS (SELECT FROM " + name_in(connection) + " WHERE namespace = " + connection.quoted_text(row.name_space) +
         " AND id = " + connection.quoted_text(row.id) + ")";
}

BackendError HistoryTable::write_error(const BackendError& error, const HistoryRow& row) {
  if (!row.is_new || error.sqlstate() != "23505") return error;
  return BackendError(FLUX_E_CONFLICT, "the history already has \"" + row.id + "\": another run has applied it")
      .sqlstate(error.sqlstate());
}

void HistoryTable::write(Connection& connection, const HistoryRow& row) {
  const Command command = write_command(connection, row, false);
  try {
    connection.run(command.sql, command.parameters);
  } catch (const BackendError& e) {
    throw write_error(e, row);
  }
}

bool HistoryTable::remove(Connection& connection, std::string_view name_space, std::string_view id) {
  const Result result = connection.run("DELETE FROM " + name_in(connection) + " WHERE namespace = $1 AND id = $2",
                                       Parameters{std::string(name_space), std::string(id)});
  return std::strcmp(PQcmdTuples(result.get()), "0") != 0;
}

}  // namespace flux::postgres
