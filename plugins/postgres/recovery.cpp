#include "recovery.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "patience.hpp"

namespace flux::postgres {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_looks{200};
constexpr std::string_view mark = "%AT_WORK%";

// A process that has waited for its client for so long has not got what was sent to it last, and its client will not
// send it again.
constexpr const char* holders_query = R"(
SELECT l.pid, coalesce(a.state, 'unknown') AS state, %AT_WORK%, NOT %AT_WORK% AND
       pg_catalog.clock_timestamp() - a.state_change >= interval '2 seconds' AS deserted
  FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a USING (pid)
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
   AND (l.classid::bigint << 32 | l.objid::bigint) IN ()";

std::string joined(const std::vector<std::int64_t>& numbers, const std::string& before, const std::string& between,
                   const std::string& behind) {
  std::string out;
  for (const std::int64_t number : numbers)
    out += (out.empty() ? "" : between) + before + std::to_string(number) + behind;
  return out;
}

}  // namespace

milliseconds Limit::left() const {
  return std::max(std::chrono::duration_cast<milliseconds>(end_ - Clock::now()), milliseconds(0));
}

void wait_for_end(Connection& connection, const Canceller& canceller, const std::vector<std::int64_t>& locks, int lost,
                  Limit& limit) {
  const std::string free = "SELECT " + joined(locks, "pg_catalog.pg_try_advisory_xact_lock(", " AND ", ")");
  std::string holders = holders_query;
  for (std::size_t at; (at = holders.find(mark)) != std::string::npos;)
    holders.replace(at, mark.size(), at_work_expression("a"));
  holders += joined(locks, "", ", ", "::bigint") + ")";
  while (*PQgetvalue(connection.run(free).get(), 0, 0) != 't') {
    const Result rows = connection.run(holders);
    std::string who;
    for (int row = 0; row < PQntuples(rows.get()); ++row) {
      const std::string pid = PQgetvalue(rows.get(), row, 0), state = PQgetvalue(rows.get(), row, 1);
      who += (who.empty() ? "pid " : ", pid ") + pid + " (" + state + ')';
      if (pid != std::to_string(lost)) continue;
      if (*PQgetvalue(rows.get(), row, 2) == 't') limit.excuse(between_looks);
      if (*PQgetvalue(rows.get(), row, 3) == 't') connection.run("SELECT pg_catalog.pg_terminate_backend(" + pid + ")");
    }
    if (limit.over())
      throw BackendError(FLUX_E_CONNECTION, "what the lost connection was doing has not ended at the server")
          .detail(who);
    canceller.pause(between_looks, "waiting for the lost connection's end");
  }
}

}  // namespace flux::postgres
