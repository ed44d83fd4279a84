#include "session.hpp"

namespace flux::postgres {
namespace {

constexpr int check_interval_since = 140000;

// DISCARD ALL leaves a role that ALTER ROLE ... SET role gave the session at its start: RESET ROLE brings it back. The
// server looks every second whether its client still lives (where it can), so that what a killed run left ends.
std::string start_of_session(const Connection& connection) {
  std::string sql = "RESET ROLE;";
  if (connection.server_version() >= check_interval_since)
    sql +=
        " SELECT pg_catalog.set_config('client_connection_check_interval', '1s', false)"
        " WHERE pg_catalog.version() ~ 'linux';";
  return sql;
}

}  // namespace

Session::Session(Connection& connection, std::vector<std::string> init_sql, const std::string& first_query)
    : connection_(connection), init_sql_(std::move(init_sql)), start_sql_(start_of_session(connection)) {
  first_result_ = connection_.run(start_sql_ + first_query);
  if (init_sql_.empty()) return;
  run_init_sql();
  const Result state = connection_.run(
      "SELECT session_user, pg_catalog.current_setting('role'), pg_catalog.current_setting('TimeZone')");
  const auto text = [&](int column) { return connection_.quoted_text(PQgetvalue(state.get(), 0, column)); };
  return_sql_ = "SET SESSION AUTHORIZATION " + text(0) + "; SET ROLE " + text(1) + "; SET TIME ZONE " + text(2) + "; ";
}

void Session::run_init_sql() {
  for (const std::string& sql : init_sql_) {
    const PGTransactionStatusType before = connection_.transaction_status();
    try {
      connection_.run(sql);
    } catch (const BackendError& e) {
      if (e.code() != FLUX_E_FAILED) throw;
      throw BackendError(FLUX_E_CONFIG, std::string("init_sql failed: ") + e.what())
          .detail(e.detail())
          .hint(e.hint())
          .sqlstate(e.sqlstate())
          .key("init_sql");
    }
    if (connection_.transaction_status() != before)
      throw BackendError(FLUX_E_CONFIG, "init_sql must not begin or end a transaction").key("init_sql");
  }
}

void Session::refresh() {
  if (!used_) return;
  connection_.run("DISCARD ALL");
  connection_.run(start_sql_);
  run_init_sql();
  used_ = false;
}

std::string Session::reset_settings() {
  const Result result = connection_.run("RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; " + return_sql_ +
                                        "SELECT pg_catalog.pg_current_xact_id()");
  return PQgetvalue(result.get(), 0, 0);
}

void Session::separate_scripts() {
  connection_.run(
      "CLOSE ALL; DEALLOCATE ALL; UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD PLANS; DISCARD TEMP; "
      "DISCARD SEQUENCES; " +
      start_sql_);
  run_init_sql();
}

}  // namespace flux::postgres
