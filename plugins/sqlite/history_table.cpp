#include "history_table.hpp"

#include <array>
#include <chrono>
#include <optional>

#include "timestamp.hpp"

namespace flux::sqlite {
namespace {

enum Column {
  name_space,
  id,
  hash,
  state,
  undo,
  applied_at,
  duration_ms,
  applied_by,
  flux_version,
  statements_done,
  run_id,
  script,
  done_hash,
  note,
  statements_started,
  statements_total,
  columns
};
constexpr std::array<const char*, columns> names = {
    "namespace",       "id",          "hash",       "state",        "undo",
    "applied_at",      "duration_ms", "applied_by", "flux_version", "statements_done",
    "run_id",          "script",      "done_hash",  "note",         "statements_started",
    "statements_total"};

// The columns that the table has: older ones lack some.
using Present = std::array<bool, columns>;

// nullopt: there is no such table. Only prepares a query, so nothing of a row is read.
std::optional<Present> columns_of(const Connection& connection, const std::string& table) {
  try {
    const Query query(connection, "SELECT * FROM main." + quoted(table));
    Present out{};
    for (int i = 0; i < query.column_count(); ++i)
      for (std::size_t known = 0; known < names.size(); ++known)
        if (sqlite3_stricmp(std::string(query.column_name(i)).c_str(), names[known]) == 0) out[known] = true;
    return out;
  } catch (const BackendError& error) {
    const int found = sqlite3_table_column_metadata(connection.handle(), "main", table.c_str(), nullptr, nullptr,
                                                    nullptr, nullptr, nullptr, nullptr);
    if (error.sqlstate() == "SQLITE_ERROR" && found == SQLITE_ERROR) return std::nullopt;
    throw;
  }
}

void require_history(const Present& present, const std::string& table) {
  for (const Column required : {id, hash})
    if (!present[required])
      throw BackendError(FLUX_E_FAILED,
                         "the table " + quoted(table) + " is not a history: it has no column " + names[required])
          .hint("set migrations_table in [backend] to another name");
}

// The rows of a listing, which leaves the scripts where they are.
class Reader {
 public:
  Reader(const Connection& connection, const std::string& table, const Present& present, bool undo_texts) {
    std::string selected;
    int count = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!present[i] || i == script) continue;
      const std::string column = quoted(names[i]);
      selected += count > 0 ? ", " : "";
      selected += i == undo && !undo_texts ? "CASE WHEN " + column + " IS NOT NULL THEN '' END" : column;
      at_[i] = count++;
    }
    query_.emplace(connection, "SELECT " + selected + " FROM main." + quoted(table));
  }

  bool next() { return query_->step(); }
  bool has(Column column) const { return at_[column] && query_->type(*at_[column]) != SQLITE_NULL; }
  std::string text(Column column, const char* otherwise = "") const {
    return has(column) ? query_->text(*at_[column]) : otherwise;
  }
  std::optional<std::string> optional_text(Column column) const {
    return has(column) ? std::optional<std::string>(query_->text(*at_[column])) : std::nullopt;
  }
  std::int64_t integer(Column column) const { return has(column) ? query_->integer(*at_[column]) : -1; }
  std::int64_t time() const {
    if (!has(applied_at)) return 0;
    const int type = query_->type(*at_[applied_at]);
    const bool number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
    return number ? timestamp_of_number(query_->real(*at_[applied_at]))
                  : parse_timestamp(query_->text(*at_[applied_at]));
  }

  HistoryRow row() const {
    HistoryRow out;
    out.name_space = text(name_space);
    out.id = text(id);
    out.hash = text(hash);
    out.state = text(state, "applied");
    out.undo = optional_text(undo);
    out.applied_by = optional_text(applied_by);
    out.flux_version = optional_text(flux_version);
    out.applied_at_us = time();
    out.duration_ms = integer(duration_ms);
    out.statements_done = integer(statements_done);
    out.run_id = optional_text(run_id);
    out.done_hash = optional_text(done_hash);
    out.note = optional_text(note);
    out.statements_started = integer(statements_started);
    out.statements_total = integer(statements_total);
    return out;
  }

 private:
  std::optional<Query> query_;
  std::array<std::optional<int>, columns> at_;
};

// In microseconds since 1970 UTC.
std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

// NULL for -1, which means unknown.
void bind_known(Query& query, int parameter, std::int64_t value) {
  if (value == -1) {
    query.bind(parameter, std::optional<std::string>());
  } else {
    query.bind(parameter, value);
  }
}

std::string insert_statement(const std::string& table) {
  std::string listed, values;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string separator = i > 0 ? ", " : "";
    listed += separator + names[i];
    values += separator + "?" + std::to_string(i + 1);
  }
  return "INSERT INTO main." + quoted(table) + " (" + listed + ") VALUES (" + values + ")";
}

std::string update_on_conflict() {
  std::string assigned;
  for (std::size_t i = hash; i < names.size(); ++i)
    assigned += (assigned.empty() ? "" : ", ") + std::string(names[i]) + " = excluded." + names[i];
  return " ON CONFLICT (namespace, id) DO UPDATE SET " + assigned;
}

constexpr int parameter(Column column) { return column + 1; }

// A row may come back where the session has count_changes set; what comes behind it is the write's own result.
void run(Query& query) {
  while (query.step()) continue;
}

}  // namespace

HistoryTable::HistoryTable(std::string table) : table_(std::move(table)), insert_(insert_statement(table_)) {}

void HistoryTable::list(const Connection& connection, std::string_view wanted, bool undo_texts,
                        const std::function<void(const HistoryRow&)>& emit) const {
  const std::optional<Present> present = columns_of(connection, table_);
  if (!present) return;
  require_history(*present, table_);
  for (Reader reader(connection, table_, *present, undo_texts); reader.next();)
    if (reader.text(name_space) == wanted) emit(reader.row());
}

std::optional<std::string> HistoryTable::read_script(const Connection& connection, std::string_view wanted,
                                                     std::string_view row_id) const {
  const std::optional<Present> present = columns_of(connection, table_);
  if (!present || !(*present)[name_space] || !(*present)[id] || !(*present)[script]) return std::nullopt;
  Query query(connection, "SELECT script FROM main." + quoted(table_) + " WHERE namespace = ?1 AND id = ?2");
  if (!query.bind(1, wanted).bind(2, row_id).step() || query.type(0) == SQLITE_NULL) return std::nullopt;
  return query.text(0);
}

void HistoryTable::put(const Connection& connection, const HistoryRow& row) const {
  Query query(connection, row.is_new ? insert_ : insert_ + update_on_conflict());
  // The database has no clock of its own.
  const std::string time = format_timestamp(row.applied_at_us != 0 ? row.applied_at_us : now());
  query.bind(parameter(name_space), std::string_view(row.name_space)).bind(parameter(id), std::string_view(row.id));
  query.bind(parameter(hash), std::string_view(row.hash)).bind(parameter(state), std::string_view(row.state));
  query.bind(parameter(undo), row.undo).bind(parameter(applied_at), std::string_view(time));
  query.bind(parameter(applied_by), row.applied_by).bind(parameter(flux_version), row.flux_version);
  query.bind(parameter(run_id), row.run_id).bind(parameter(script), row.script);
  query.bind(parameter(done_hash), row.done_hash).bind(parameter(note), row.note);
  bind_known(query, parameter(duration_ms), row.duration_ms);
  bind_known(query, parameter(statements_done), row.statements_done);
  bind_known(query, parameter(statements_started), row.statements_started);
  bind_known(query, parameter(statements_total), row.statements_total);
  try {
    run(query);
  } catch (const BackendError& error) {
    if (!row.is_new || error.sqlstate() != "SQLITE_CONSTRAINT_PRIMARYKEY") throw;
    throw BackendError(FLUX_E_CONFLICT, "the history already has \"" + row.id + "\": another run has applied it")
        .sqlstate(error.sqlstate());
  }
}

bool HistoryTable::remove(const Connection& connection, std::string_view wanted, std::string_view row_id) const {
  Query query(connection, "DELETE FROM main." + quoted(table_) + " WHERE namespace = ?1 AND id = ?2");
  run(query.bind(1, wanted).bind(2, row_id));
  return sqlite3_changes(connection.handle()) > 0;
}

}  // namespace flux::sqlite
