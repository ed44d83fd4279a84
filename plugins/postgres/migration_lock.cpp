#include "migration_lock.hpp"

#include <algorithm>
#include <random>
#include <thread>

#include "secrets.hpp"

namespace flux::postgres {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds shortest_pause{50}, longest_pause{1000};
constexpr int transaction_timeout_since = 170000;

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

std::string holder(const PGresult* row) {
  const auto has = [&](int column) { return PQgetisnull(row, 0, column) == 0 && PQgetlength(row, 0, column) > 0; };
  const auto text = [&](int column) { return std::string(PQgetvalue(row, 0, column)); };
  std::string out = "pid " + (has(0) ? text(0) : std::string("unknown"));
  std::string more;
  if (has(1)) more += ", user \"" + text(1) + '"';
  if (has(2)) more += ", application \"" + text(2) + '"';
  if (has(3)) more += ", from " + text(3);
  if (has(4)) more += ", since " + text(4);
  return clean_text(more.empty() ? out : out + " (" + more.substr(2) + ')');
}

std::string seconds(milliseconds time) {
  const auto tenths = time.count() / 100;
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : '.' + std::to_string(tenths % 10)) + " s";
}

}  // namespace

MigrationLock::MigrationLock(const Conninfo& conninfo, Host host, const Canceller& canceller, std::int64_t id,
                             milliseconds limit)
    : connection_(conninfo, host, nullptr), host_(host), canceller_(canceller), id_(id) {
  std::minstd_rand random(std::random_device{}());
  const Clock::time_point deadline = Clock::now() + limit;
  for (milliseconds longest = shortest_pause; !try_once(); longest = std::min(longest * 2, longest_pause)) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) refuse(limit);
    std::uniform_int_distribution<milliseconds::rep> jitter(shortest_pause.count(), longest.count());
    pause(std::min(milliseconds(jitter(random)), left));
  }
}

// A waiter that blocks in the server, or any other isolation level, holds a snapshot that CREATE INDEX CONCURRENTLY of
// the lock's holder waits for: each would wait for the other.
bool MigrationLock::try_once() {
  std::string sql = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 0; ";
  if (connection_.server_version() >= transaction_timeout_since) sql += "SET LOCAL transaction_timeout = 0; ";
  const Result result =
      connection_.run(sql + "SELECT pg_catalog.pg_try_advisory_xact_lock(" + std::to_string(id_) + ")");
  if (PQgetvalue(result.get(), 0, 0)[0] == 't') return true;
  connection_.run("ROLLBACK");
  return false;
}

void MigrationLock::pause(milliseconds time) const {
  constexpr milliseconds step{25};
  for (const Clock::time_point end = Clock::now() + time; Clock::now() < end;
       std::this_thread::sleep_for(std::min(step, time)))
    if (canceller_.requested() || host_.is_cancelled())
      throw BackendError(FLUX_E_CANCELLED, "stopped while waiting for the migration lock");
}

void MigrationLock::refuse(milliseconds limit) {
  const Result result = connection_.run(holder_query, Parameters{std::to_string(id_)});
  const bool known = PQntuples(result.get()) > 0;
  BackendError error(FLUX_E_LOCKED, "the migration lock " + std::to_string(id_) + " was not obtained within " +
                                        seconds(limit) + ": held by " +
                                        (known ? holder(result.get()) : "another session"));
  if (known)
    error.hint("wait for it to end, or end it: select pg_terminate_backend(" +
               std::string(PQgetvalue(result.get(), 0, 0)) + ")");
  throw error;
}

void MigrationLock::unlock() { connection_.run("ROLLBACK"); }

}  // namespace flux::postgres
