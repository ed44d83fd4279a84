#include "lock_holder.hpp"

#include <chrono>
#include <cstdlib>

#include "secrets.hpp"

namespace flux::postgres {
namespace {

// Who holds the lock $1, from what every user may see; the rest is NULL for those with fewer rights.
constexpr const char* holder_query = R"(
SELECT l.pid, a.usename, a.application_name,
       pg_catalog.host(a.client_addr) || ':' || a.client_port,
       pg_catalog.to_char(coalesce(a.xact_start, a.backend_start) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')
  FROM pg_catalog.pg_locks l
  LEFT JOIN pg_catalog.pg_stat_activity a USING (pid)
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
   AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint
 LIMIT 1)";

}  // namespace

std::string SessionText::text() const {
  std::string more;
  if (!user.empty()) more += ", user \"" + user + '"';
  if (!application.empty()) more += ", application \"" + application + '"';
  if (!address.empty()) more += ", from " + address;
  if (!since.empty()) more += ", " + since;
  const std::string out = "pid " + (process.empty() ? std::string("unknown") : process);
  return clean_text(more.empty() ? out : out + " (" + more.substr(2) + ')');
}

std::optional<LockHolder> holder_of(Connection& connection, std::int64_t id) {
  const Result row = connection.run(holder_query, Parameters{std::to_string(id)});
  if (PQntuples(row.get()) == 0) return std::nullopt;
  const auto text = [&](int column) { return std::string(PQgetvalue(row.get(), 0, column)); };
  const std::string since = text(4).empty() ? std::string() : "since " + text(4);
  return LockHolder{std::atoi(PQgetvalue(row.get(), 0, 0)),
                    SessionText{text(0), text(1), text(2), text(3), since}.text()};
}

void end_holder(Connection& connection, const Canceller& canceller, std::int64_t id) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds limit{10};
  constexpr std::chrono::milliseconds between_looks{100};
  const auto holder = holder_of(connection, id);
  if (!holder) return;
  try {
    connection.run("SELECT pg_catalog.pg_terminate_backend(" + std::to_string(holder->process) + ")");
  } catch (const BackendError& e) {
    if (e.sqlstate() != "42501") throw;
    throw BackendError(FLUX_E_FAILED,
                       "this user may not end the session that holds the migration lock: " + holder->text)
        .detail(e.what())
        .hint("connect as its user or as a superuser, or be granted pg_signal_backend")
        .sqlstate(e.sqlstate());
  }
  for (const Clock::time_point end = Clock::now() + limit;;
       canceller.pause(between_looks, "waiting for the holder's end")) {
    const auto now = holder_of(connection, id);
    if (!now || now->process != holder->process) return;
    if (Clock::now() >= end)
      throw BackendError(FLUX_E_FAILED,
                         "the session that holds the migration lock has not ended within 10 s: " + holder->text);
  }
}

}  // namespace flux::postgres
