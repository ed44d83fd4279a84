#include "index_check.hpp"

#include "server_error.hpp"
#include "statement_splitter.hpp"

namespace flux::postgres {
namespace {

// An index that another session builds just now is not valid either, and nothing is wrong with it.
constexpr const char* invalid_query = R"(
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.format('%I.%I', m.nspname, t.relname)
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace m ON m.oid = t.relnamespace
 WHERE NOT i.indisvalid AND c.relkind = 'i'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p
                    WHERE p.index_relid = i.indexrelid AND p.pid <> pg_catalog.pg_backend_pid())
   AND )";

// What the statement that names $1 works on.
const char* same_object(const std::string& object) {
  if (object == "TABLE") return "i.indrelid = pg_catalog.to_regclass($1)";
  if (object == "INDEX")
    return "i.indrelid = (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass($1))";
  if (object == "SCHEMA") return "m.nspname = (pg_catalog.parse_ident($1))[1]";
  return "$1::text IS NOT NULL";
}

std::vector<InvalidIndex> listed(const Result& rows) {
  std::vector<InvalidIndex> out;
  for (int row = 0; row < PQntuples(rows.get()); ++row)
    out.push_back({PQgetvalue(rows.get(), row, 0), PQgetvalue(rows.get(), row, 1)});
  return out;
}

std::string drop(const InvalidIndex& index) { return "DROP INDEX CONCURRENTLY " + index.name; }

}  // namespace

std::vector<InvalidIndex> invalid_indexes(Connection& connection) {
  return listed(connection.run(std::string(invalid_query) + "true ORDER BY 1"));
}

PatientBuild::PatientBuild(Connection& connection, bool patient, std::int64_t lock_timeout_ms)
    : connection_(connection) {
  if (!patient || lock_timeout_ms <= 0) return;
  const std::string given = std::to_string(lock_timeout_ms);
  const Result changed = connection_.run(
      "SELECT pg_catalog.set_config('lock_timeout', '0', false) FROM pg_catalog.pg_settings WHERE name = "
      "'lock_timeout' AND setting = '" +
      given + "'");
  if (PQntuples(changed.get()) == 1) undo_ = "SET lock_timeout = " + given;
}

PatientBuild::~PatientBuild() {
  try {
    if (!undo_.empty() && connection_.alive()) connection_.run(undo_);
  } catch (const std::exception&) {
    // The connection is lost, or the statement was cancelled: nothing of the script runs after that.
  }
}

BuildCheck::BuildCheck(std::string_view script) {
  const auto text = [&](Place place) { return std::string(script.substr(place.offset, place.length)); };
  ScriptSplitter splitter(script);
  for (std::int64_t index = 0; const auto statement = splitter.next(); ++index) {
    if (!statement->kind.patient) continue;
    patient_ = true;
    build_ = statement->kind.build;
    index_ = text(build_.index);
    on_ = text(build_.on);
    statement_ = index;
    offset_ = static_cast<std::int64_t>(statement->offset);
    return;
  }
}

std::vector<InvalidIndex> BuildCheck::on_the_same(Connection& connection) const {
  return listed(connection.run(invalid_query + std::string(same_object(build_.object)), Parameters{on_}));
}

void BuildCheck::after_success(Connection& connection) const {
  if (build_.object.empty()) return;
  std::vector<InvalidIndex> invalid;
  if (!index_.empty())
    invalid = listed(connection.run(std::string(invalid_query) +
                                        "c.relname = ((pg_catalog.parse_ident($2))[1])::pg_catalog.name AND "
                                        "c.relnamespace = (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = "
                                        "pg_catalog.to_regclass($1))",
                                    Parameters{on_, index_}));
  else if (build_.object == "INDEX")
    invalid = listed(
        connection.run(std::string(invalid_query) + "i.indexrelid = pg_catalog.to_regclass($1)", Parameters{on_}));
  else if (build_.object != "TABLE" || !build_.creates)
    invalid = on_the_same(connection);
  if (invalid.empty()) return;
  throw BackendError(FLUX_E_SCRIPT, "the index " + invalid.front().name + " of " + invalid.front().table +
                                        " is INVALID: an earlier attempt to build it failed")
      .hint(drop(invalid.front()))
      .statement(statement_)
      .offset(offset_);
}

void BuildCheck::after_failure(Connection& connection, BackendError& error) const noexcept {
  try {
    if (build_.object.empty() || !connection.alive() || connection.transaction_status() != PQTRANS_IDLE) return;
    std::string hint;
    for (const InvalidIndex& index : on_the_same(connection)) {
      add_detail(error, "the index " + index.name + " of " + index.table + " is INVALID now");
      hint += (hint.empty() ? "" : "; ") + drop(index);
    }
    if (!hint.empty()) error.hint(hint);
  } catch (const std::exception&) {
    // What failed first counts.
  }
}

}  // namespace flux::postgres
