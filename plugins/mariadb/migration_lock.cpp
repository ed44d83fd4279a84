#include "migration_lock.hpp"

#include <algorithm>
#include <random>

#include "patience.hpp"
#include "session.hpp"

namespace flux::mariadb {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds shortest_pause{10}, longest_pause{250}, until_told{1000};

// What a script has locked must not stop the history for a day.
constexpr const char* recorder_waits = "SET SESSION lock_wait_timeout = 30, innodb_lock_wait_timeout = 30";

std::string seconds(milliseconds time) {
  const auto tenths = time.count() / 100;
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : '.' + std::to_string(tenths % 10)) + " s";
}

[[noreturn]] void refuse(Connection& connection, const std::string& name, milliseconds limit) {
  const auto holder = holder_of(connection, name);
  BackendError error(FLUX_E_LOCKED, "the migration lock \"" + name + "\" was not obtained within " + seconds(limit) +
                                        ": held by " + (holder ? holder->text : "another session"));
  if (holder) error.hint("wait for it to end; `flux lock --release` ends that session");
  throw error;
}

}  // namespace

void take_named_lock(Connection& connection, const std::string& name, Host host, const Canceller& canceller,
                     milliseconds limit) {
  const std::string take = "SELECT GET_LOCK(" + quoted_text(name) + ", 0) LIMIT 1";
  std::minstd_rand random(std::random_device{}());
  const Clock::time_point start = Clock::now(), deadline = start + limit;
  bool told = false;
  // Not waited for in the server: GET_LOCK cannot be told from a silent server there.
  for (milliseconds longest = shortest_pause; connection.value(take) != "1";
       longest = std::min(longest * 2, longest_pause)) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) refuse(connection, name, limit);
    if (!told && Clock::now() - start >= until_told) {
      const auto holder = holder_of(connection, name);
      host.log(FLUX_LOG_INFO,
               "waiting for the migration lock" + (holder ? ", held by " + holder->text : std::string()));
      told = true;
    }
    std::uniform_int_distribution<milliseconds::rep> jitter(shortest_pause.count(), longest.count());
    canceller.pause(std::min(milliseconds(jitter(random)), left), "waiting for the migration lock");
  }
}

MigrationLock::MigrationLock(const TargetUri& uri, Host host, const Canceller& canceller, const LockNames& names,
                             milliseconds limit)
    : connection_(uri, nullptr), name_(names.run) {
  AnswerPatience patience(connection_);
  const Connection::Watched watched(connection_, patience);
  connection_.run(steady_session);
  connection_.run(recorder_waits);
  connection_.run("SET SESSION sql_mode = " + quoted_text(history_sql_mode));
  take_named_lock(connection_, name_, host, canceller, limit);
}

// The connection may be silent for good; its end frees the lock, too.
void MigrationLock::unlock() {
  AnswerPatience patience(connection_);
  const Connection::Watched watched(connection_, patience);
  connection_.run("SELECT RELEASE_LOCK(" + quoted_text(name_) + ")");
}

}  // namespace flux::mariadb
