#include "session.hpp"

namespace flux::postgres {
namespace {

constexpr int check_interval_since = 140000;

constexpr const char* identity_columns =
    "session_user, pg_catalog.current_setting('role'), "
    "pg_catalog.current_setting('TimeZone')";

// What a script may leave in a session besides settings.
constexpr const char* clear_sql =
    "CLOSE ALL; DEALLOCATE ALL; UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD PLANS; DISCARD TEMP; "
    "DISCARD SEQUENCES; ";

constexpr const char* reset_all_sql = "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; ";

// A pooler tells the server the client's encoding once, when it gives it to the client: a reset forgets that.
constexpr const char* utf8_sql = "SET LOCAL client_encoding TO 'UTF8'; ";

// Settings that would change what the history gets, or whether.
constexpr const char* settings_of_history =
    "'client_encoding', 'session_replication_role', 'row_security', 'synchronous_commit', 'statement_timeout', "
    "'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout'";

}  // namespace

std::string watchful_server(const Connection& connection) {
  const std::string local = ", pg_catalog.pg_backend_pid() <> " + std::to_string(connection.process()) + ")";
  std::string sql = "SELECT pg_catalog.set_config('tcp_keepalives_idle', '10'" + local +
                    ", pg_catalog.set_config('tcp_keepalives_interval', '5'" + local +
                    ", pg_catalog.set_config('tcp_keepalives_count', '4'" + local;
  if (connection.server_version() >= check_interval_since)
    sql += ", pg_catalog.set_config('client_connection_check_interval', '1s'" + local;
  return sql + " WHERE pg_catalog.strpos(pg_catalog.version(), 'linux') > 0; ";
}

Session::Session(Connection& connection, Host host, std::vector<std::string> init_sql, const std::string& first,
                 bool to_work)
    : connection_(connection), init_sql_(std::move(init_sql)), start_sql_(watchful_server(connection)) {
  const Result row = connection_.run((to_work ? start_sql_ : std::string()) + "SELECT " + identity_columns +
                                     ", pg_catalog.pg_backend_pid(), " + first);
  note_identity(row.get());
  pooled_ = std::to_string(connection_.process()) != PQgetvalue(row.get(), 0, 3);
  first_value_ = PQgetvalue(row.get(), 0, 4);
  if (pooled_) {
    host.log(FLUX_LOG_DEBUG, "the connection goes through a pooler");
    enter_sql_ = utf8_sql + start_sql_;
    leave_sql_ = std::string(reset_all_sql) + clear_sql;
  } else if (!init_sql_.empty()) {
    run_init_sql();
    note_identity(connection_.run(std::string("SELECT ") + identity_columns).get());
  }
}

void Session::note_identity(const PGresult* row) {
  identity_ = {PQgetvalue(row, 0, 0), PQgetvalue(row, 0, 1), PQgetvalue(row, 0, 2)};
  if (init_sql_.empty()) return;
  return_sql_ = "SET SESSION AUTHORIZATION " + connection_.quoted_text(identity_.user) + "; SET ROLE " +
                connection_.quoted_text(identity_.role) + "; SET TIME ZONE " + connection_.quoted_text(identity_.zone) +
                "; ";
}

BackendError Session::init_error(const BackendError& error) {
  if (error.code() != FLUX_E_FAILED) return error;
  return BackendError(FLUX_E_CONFIG, std::string("init_sql failed: ") + error.what())
      .detail(error.detail())
      .hint(error.hint())
      .sqlstate(error.sqlstate())
      .key("init_sql");
}

void Session::run_init_sql() {
  for (const std::string& sql : init_sql_) {
    const PGTransactionStatusType before = connection_.transaction_status();
    try {
      connection_.run(sql);
    } catch (const BackendError& e) {
      throw init_error(e);
    }
    if (connection_.transaction_status() != before)
      throw BackendError(FLUX_E_CONFIG, "init_sql must not begin or end a transaction").key("init_sql");
  }
}

std::string Session::prepare_sql(const std::string& more) const {
  return start_sql_ +
         "SELECT EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D') OR "
         "pg_catalog.current_schema() LIKE 'pg_temp%', " +
         more;
}

std::string Session::prepared(const PGresult* row) {
  loud_ = *PQgetvalue(row, 0, 0) != 'f';
  return PQgetvalue(row, 0, 1);
}

bool Session::refresh() {
  const bool was_used = used_;
  if (was_used && !pooled_) {
    connection_.run("DISCARD ALL");
    // DISCARD ALL leaves a role that ALTER ROLE ... SET role gave the session at its start: RESET ROLE brings it back.
    connection_.run("RESET ROLE; " + start_sql_);
    run_init_sql();
  }
  used_ = false;
  return was_used;
}

void Session::enter() {
  if (!needs_transaction()) return;
  run_init_sql();
  note_identity(connection_.run(std::string("SELECT ") + identity_columns).get());
}

std::string Session::reset_sql() const { return reset_all_sql + (pooled_ ? utf8_sql + return_sql_ : return_sql_); }

std::string Session::reset_settings() {
  const Result id = connection_.run(reset_sql() + "SELECT pg_catalog.pg_current_xact_id()");
  return PQgetvalue(id.get(), 0, 0);
}

// Only what differs is set: some of it needs rights even to be set to what it is. The user comes before the role, both
// before settings that need the right to be changed.
void Session::step_aside() {
  if (connection_.setting("client_encoding") != "UTF8") connection_.run(utf8_sql);
  const std::string user = connection_.quoted_text(identity_.user), role = connection_.quoted_text(identity_.role);
  connection_.run(
      "SET LOCAL search_path TO DEFAULT; "
      "SELECT pg_catalog.set_config('session_authorization', " +
      user + ", true) WHERE session_user <> " + user +
      "; "
      "SELECT pg_catalog.set_config('role', " +
      role + ", true) WHERE pg_catalog.current_setting('role') <> " + role +
      "; SELECT pg_catalog.set_config(name, reset_val, true) FROM pg_catalog.pg_settings WHERE name IN (" +
      settings_of_history + ") AND setting <> reset_val; SET LOCAL TIME ZONE " +
      connection_.quoted_text(identity_.zone));
}

std::string Session::separate_sql() const { return clear_sql + (pooled_ ? enter_sql_ : start_sql_); }

void Session::separate_scripts() {
  connection_.run(separate_sql());
  run_init_sql();
}

}  // namespace flux::postgres
