#include "migration_lock.hpp"

#include <algorithm>
#include <random>

#include "lock_holder.hpp"
#include "patience.hpp"
#include "session.hpp"

namespace flux::postgres {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds shortest_pause{50}, longest_pause{1000};
constexpr int transaction_timeout_since = 170000;

std::int64_t random_number() {
  std::random_device random;
  return static_cast<std::int64_t>(std::uint64_t{random()} << 32 | random());
}

std::string seconds(milliseconds time) {
  const auto tenths = time.count() / 100;
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : '.' + std::to_string(tenths % 10)) + " s";
}

}  // namespace

MigrationLock::MigrationLock(const Conninfo& conninfo, Host host, const Canceller& canceller, bool pooled,
                             std::int64_t id, milliseconds limit)
    : connection_(conninfo, host, nullptr), canceller_(canceller), id_(id), witness_(random_number()) {
  // Every command here is answered at once, unless a pooler has no server connection to give.
  AnswerPatience patience(connection_);
  std::optional<Connection::Watched> watched;
  if (pooled) watched.emplace(connection_, patience);
  std::minstd_rand random(std::random_device{}());
  const Clock::time_point start = Clock::now(), deadline = start + limit;
  bool told = false;
  for (milliseconds longest = shortest_pause; !try_once(); longest = std::min(longest * 2, longest_pause)) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) refuse(limit);
    if (!told && Clock::now() - start >= longest_pause) {
      const auto holder = holder_of(connection_, id_);
      host.log(FLUX_LOG_INFO,
               "waiting for the migration lock" + (holder ? ", held by " + holder->text : std::string()));
      told = true;
    }
    std::uniform_int_distribution<milliseconds::rep> jitter(shortest_pause.count(), longest.count());
    canceller_.pause(std::min(milliseconds(jitter(random)), left), "waiting for the migration lock");
  }
}

// A waiter that blocks in the server, or any other isolation level, holds a snapshot that CREATE INDEX CONCURRENTLY of
// the lock's holder waits for: each would wait for the other.
bool MigrationLock::try_once() {
  std::string sql =
      "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 0; "
      "SET LOCAL statement_timeout = 0; ";
  if (connection_.server_version() >= transaction_timeout_since) sql += "SET LOCAL transaction_timeout = 0; ";
  const Result result = connection_.run(sql + watchful_server(connection_) +
                                        "SELECT CASE WHEN pg_catalog.pg_try_advisory_xact_lock(" + std::to_string(id_) +
                                        ") THEN pg_catalog.pg_try_advisory_lock(" + std::to_string(witness_) + ") END");
  if (PQgetvalue(result.get(), 0, 0)[0] == 't') return true;
  connection_.run("ROLLBACK");
  return false;
}

void MigrationLock::refuse(milliseconds limit) {
  const auto holder = holder_of(connection_, id_);
  BackendError error(FLUX_E_LOCKED, "the migration lock " + std::to_string(id_) + " was not obtained within " +
                                        seconds(limit) + ": held by " + (holder ? holder->text : "another session"));
  if (holder) error.hint("wait for it to end; `flux lock --release` ends that session");
  throw error;
}

bool MigrationLock::held() { return connection_.alive() && connection_.transaction_status() != PQTRANS_INERROR; }

// The connection may be silent for good; its end frees the lock, too.
void MigrationLock::unlock() {
  AnswerPatience patience(connection_);
  const Connection::Watched watched(connection_, patience);
  connection_.run("SELECT pg_catalog.pg_advisory_unlock(" + std::to_string(witness_) + "); ROLLBACK");
}

void MigrationLock::renew_witness() {
  AnswerPatience patience(connection_);
  const Connection::Watched watched(connection_, patience);
  const std::int64_t fresh = random_number();
  connection_.run("SELECT pg_catalog.pg_advisory_unlock(" + std::to_string(witness_) +
                  "), pg_catalog.pg_try_advisory_lock(" + std::to_string(fresh) + ")");
  witness_ = fresh;
}

BackendError lock_lost() {
  return BackendError(FLUX_E_LOCKED, "the migration lock was lost: the server has ended its connection")
      .hint("somebody may have released it: `flux lock` says who has it now");
}

}  // namespace flux::postgres
