#include "server_error.hpp"

#include <algorithm>
#include <iterator>

#include "secrets.hpp"

namespace flux::postgres {
namespace {

// What can be done about some errors that a migration tool meets, where the server gives no hint itself or, with
// `always`, beside its own.
struct Advice {
  const char* sqlstate;
  const char* hint;
  bool always = false;
};
constexpr Advice advices[] = {
    {"25001", "write `-- flux: no-transaction` as the script's first line"},
    {"25006", "this server or session is read-only: a hot standby, or default_transaction_read_only is on"},
    {"42501", "the user that Flux connects as lacks this right"},
    {"53300", "the server has no connection left; Flux needs two"},
    {"55P04",
     "put ALTER TYPE ... ADD VALUE into a migration of its own, or write `-- flux: no-transaction` as the script's "
     "first "
     "line",
     true},
    {"57014", "`-- flux: statement-timeout=` sets how long a statement of this script may run"},
};

// The SQLSTATEs of an error that is gone when the others are: lock_not_available, deadlock_detected,
// serialization_failure.
constexpr const char* busy_states[] = {"55P03", "40P01", "40001"};

// The server's words for a refusal. It says them before it can be asked for another language, but a server
// whose own messages are translated is then only known not to let us in.
struct ConnectFailure {
  const char* words;
  flux_status_code code;
  const char* sqlstate;
  const char* hint;
};
constexpr ConnectFailure connect_failures[] = {
    {"authentication failed", FLUX_E_AUTH, "28P01", "check the user and the password"},
    {"no password supplied", FLUX_E_AUTH, "28P01", "give a password in the URI, PGPASSWORD or ~/.pgpass"},
    {"no pg_hba.conf entry", FLUX_E_AUTH, "28000", "pg_hba.conf of the server does not let this user in from here"},
    {"pg_hba.conf rejects", FLUX_E_AUTH, "28000", "pg_hba.conf of the server does not let this user in from here"},
    {"is not permitted to log in", FLUX_E_AUTH, "28000", ""},
    {"certificate authentication", FLUX_E_AUTH, "28000", ""},
    {"too many connections", FLUX_E_CONNECTION, "53300", "the server has no connection left; Flux needs two"},
    {"remaining connection slots", FLUX_E_CONNECTION, "53300", "the server has no connection left; Flux needs two"},
    {"the database system is", FLUX_E_CONNECTION, "57P03", "the server is starting or stopping; try again"},
};

// role "x" does not exist, database "x" does not exist: only these two begin so.
bool missing(const std::string& message, const std::string& object) {
  return message.find(object + " \"") != std::string::npos && message.find("\" does not exist") != std::string::npos;
}

std::string public_text(const std::string& text) { return clean_text(mask_passwords(text)); }

}  // namespace

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ' || text.back() == '\r')) text.pop_back();
  return text;
}

std::string field(const PGresult* result, int code) {
  const char* text = result == nullptr ? nullptr : PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

flux_status_code code_of(const PGresult* result, flux_status_code otherwise) {
  const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
  const bool busy = std::find(std::begin(busy_states), std::end(busy_states), sqlstate) != std::end(busy_states);
  return busy ? FLUX_E_BUSY : otherwise;
}

void add_detail(BackendError& error, const std::string& line) {
  if (line.empty()) return;
  error.detail(error.detail().empty() ? line : error.detail() + '\n' + line);
}

BackendError server_error(flux_status_code code, const PGresult* result) {
  std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) message = trimmed(PQresultErrorMessage(result));
  if (message.empty()) message = "the server's answer was not understood";
  std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL);
  for (const int more : {PG_DIAG_INTERNAL_QUERY, PG_DIAG_CONTEXT}) {
    const std::string text = field(result, more);
    if (text.empty()) continue;
    if (!detail.empty()) detail += '\n';
    detail += more == PG_DIAG_INTERNAL_QUERY ? "in the query: " + clean_text(text, 1000) : text;
  }
  const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
  std::string hint = field(result, PG_DIAG_MESSAGE_HINT);
  for (const Advice& advice : advices)
    if (sqlstate == advice.sqlstate && code != FLUX_E_CANCELLED && (hint.empty() || advice.always))
      hint += (hint.empty() ? "" : " ") + std::string(advice.hint);
  return BackendError(code, public_text(message))
      .detail(public_text(detail))
      .hint(public_text(hint))
      .sqlstate(sqlstate);
}

BackendError lost_connection(PGconn* connection, const PGresult* result) {
  std::string text = field(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string more = trimmed(PQerrorMessage(connection));
  if (more.find(text) != std::string::npos) text = more;
  BackendError error(FLUX_E_CONNECTION, "the connection to the server was lost");
  error.detail(public_text(text)).sqlstate(field(result, PG_DIAG_SQLSTATE));
  if (text.find("query_wait_timeout") != std::string::npos) error.hint(pool_too_small);
  return error;
}

BackendError connect_error(const std::string& message, bool needs_password) {
  const std::string text = clean_text(trimmed(message));
  for (const ConnectFailure& failure : connect_failures)
    if (text.find(failure.words) != std::string::npos)
      return BackendError(failure.code, text).sqlstate(failure.sqlstate).hint(failure.hint);
  if (needs_password) return BackendError(FLUX_E_AUTH, text).sqlstate("28P01").hint("the server wants a password");
  if (missing(text, "role"))
    return BackendError(FLUX_E_AUTH, text).sqlstate("28000").hint("the server has no such user");
  if (missing(text, "database"))
    return BackendError(FLUX_E_CONNECTION, text)
        .sqlstate("3D000")
        .hint("check its name; Flux never creates a database (createdb NAME does)");
  return BackendError(FLUX_E_CONNECTION, text);
}

}  // namespace flux::postgres
