#include "history_table.hpp"

#include <array>
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
  columns
};
constexpr std::array<const char*, columns> names = {
    "namespace",  "id",          "hash",       "state",        "undo",
    "applied_at", "duration_ms", "applied_by", "flux_version", "statements_done"};

// A row of `SELECT *`, whose columns are found by name: older tables lack some, others have more.
class Reader {
 public:
  Reader(const Query& query, const std::string& table) : query_(query) {
    for (int i = 0; i < query.column_count(); ++i)
      for (std::size_t known = 0; known < names.size(); ++known)
        if (sqlite3_stricmp(std::string(query.column_name(i)).c_str(), names[known]) == 0) at_[known] = i;
    for (const Column required : {id, hash})
      if (!at_[required])
        throw BackendError(FLUX_E_FAILED,
                           "the table " + quoted(table) + " is not a history: it has no column " + names[required])
            .hint("set migrations_table in [backend] to another name");
  }

  bool has(Column column) const { return at_[column] && query_.type(*at_[column]) != SQLITE_NULL; }
  std::string text(Column column, const char* otherwise = "") const {
    return has(column) ? query_.text(*at_[column]) : otherwise;
  }
  std::optional<std::string> optional_text(Column column) const {
    return has(column) ? std::optional<std::string>(query_.text(*at_[column])) : std::nullopt;
  }
  std::int64_t integer(Column column) const { return has(column) ? query_.integer(*at_[column]) : -1; }
  std::int64_t time() const {
    if (!has(applied_at)) return 0;
    const int type = query_.type(*at_[applied_at]);
    const bool number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
    return number ? timestamp_of_number(query_.real(*at_[applied_at])) : parse_timestamp(query_.text(*at_[applied_at]));
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
    return out;
  }

 private:
  const Query& query_;
  std::array<std::optional<int>, columns> at_;
};

std::optional<Query> select_all(const Connection& connection, const std::string& table) {
  try {
    return std::optional<Query>(std::in_place, connection, "SELECT * FROM main." + quoted(table));
  } catch (const BackendError& error) {
    const int found = sqlite3_table_column_metadata(connection.handle(), "main", table.c_str(), nullptr, nullptr,
                                                    nullptr, nullptr, nullptr, nullptr);
    if (error.sqlstate() == "SQLITE_ERROR" && found == SQLITE_ERROR) return std::nullopt;
    throw;
  }
}

// NULL for -1, which means unknown.
void bind_known(Query& query, int parameter, std::int64_t value) {
  if (value == -1) {
    query.bind(parameter, std::optional<std::string>());
  } else {
    query.bind(parameter, value);
  }
}

}  // namespace

void HistoryTable::list(const Connection& connection, std::string_view wanted,
                        const std::function<void(const HistoryRow&)>& emit) const {
  std::optional<Query> query = select_all(connection, table_);
  if (!query) return;
  const Reader reader(*query, table_);
  while (query->step())
    if (reader.text(name_space) == wanted) emit(reader.row());
}

void HistoryTable::put(const Connection& connection, const HistoryRow& row) const {
  Query query(
      connection,
      "INSERT INTO main." + quoted(table_) +
          " (namespace, id, hash, state, undo, applied_at, duration_ms, applied_by, flux_version, statements_done)"
          " VALUES (?1, ?2, ?3, ?4, ?5, coalesce(?6, strftime('%Y-%m-%d %H:%M:%f', 'now')), ?7, ?8, ?9, ?10)"
          " ON CONFLICT (namespace, id) DO UPDATE SET hash = excluded.hash, state = excluded.state,"
          " undo = excluded.undo, applied_at = excluded.applied_at, duration_ms = excluded.duration_ms,"
          " applied_by = excluded.applied_by, flux_version = excluded.flux_version,"
          " statements_done = excluded.statements_done");
  std::optional<std::string> time;
  if (row.applied_at_us != 0) time = format_timestamp(row.applied_at_us);
  query.bind(1, std::string_view(row.name_space)).bind(2, std::string_view(row.id)).bind(3, std::string_view(row.hash));
  query.bind(4, std::string_view(row.state)).bind(5, row.undo).bind(6, time);
  bind_known(query, 7, row.duration_ms);
  query.bind(8, row.applied_by).bind(9, row.flux_version);
  bind_known(query, 10, row.statements_done);
  query.step();
}

bool HistoryTable::remove(const Connection& connection, std::string_view wanted, std::string_view row_id) const {
  Query query(connection, "DELETE FROM main." + quoted(table_) + " WHERE namespace = ?1 AND id = ?2");
  query.bind(1, wanted).bind(2, row_id).step();
  return sqlite3_changes(connection.handle()) > 0;
}

}  // namespace flux::sqlite
