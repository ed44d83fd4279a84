#include "lock_waits.hpp"

#include <algorithm>

#include "lock_holder.hpp"
#include "patience.hpp"
#include "secrets.hpp"

namespace flux::postgres {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_interval{1000}, shortest_interval{25};
constexpr milliseconds between_log_lines{10000};
constexpr std::size_t shown_query = 200;

// One line about one of them; the columns are those of the question.
std::string blocker(const PGresult* rows, int row) {
  const auto text = [&](int column) { return std::string(PQgetvalue(rows, row, column)); };
  if (text(0) == "0") return "in the way: a prepared transaction";
  const std::string since = text(4).empty() ? std::string() : text(3) + " since " + text(4);
  std::string out = "in the way: " + SessionText{text(0), text(1), text(2), "", since}.text();
  if (!text(5).empty()) out += ": " + clean_text(mask_passwords(text(5)), shown_query);
  return out;
}

}  // namespace

// See CommitPatience for the functions that stand here instead of views.
LockWaits::LockWaits(Connection* observer, int pid, milliseconds lock_timeout, Host host)
    : observer_(observer),
      question_(
          "SELECT pg_catalog.pg_stat_clear_snapshot(); "
          "SELECT b.pid, pg_catalog.pg_get_userbyid(a.usesysid), a.application_name, a.state, "
          "pg_catalog.to_char(coalesce(a.xact_start, a.backend_start) AT TIME ZONE 'UTC', "
          "'YYYY-MM-DD HH24:MI:SS \"UTC\"'), a.query, " +
          at_work_expression("ours") + " FROM pg_catalog.pg_stat_get_activity(" + std::to_string(pid) +
          ") AS ours LEFT JOIN LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(ours.pid)) AS b (pid) ON true "
          "LEFT JOIN LATERAL pg_catalog.pg_stat_get_activity(b.pid) AS a ON true"),
      interval_(lock_timeout.count() > 0 ? std::clamp(lock_timeout / 2, shortest_interval, longest_interval)
                                         : longest_interval),
      tell_(lock_timeout.count() == 0),
      host_(host) {}

void LockWaits::collect() {
  if (observer_ == nullptr) return;
  const Result rows = observer_->answer(this);
  if (!rows || PQresultStatus(rows.get()) != PGRES_TUPLES_OK || PQntuples(rows.get()) == 0) return;
  if (*PQgetvalue(rows.get(), 0, 6) == 't') seen_at_work_ = Clock::now();
  // None: the statement waits no longer, perhaps because it has just given up.
  if (PQgetisnull(rows.get(), 0, 0) == 1) return;
  seen_ = Clock::now();
  blockers_.clear();
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    if (row > 0) blockers_ += '\n';
    blockers_ += blocker(rows.get(), row);
  }
}

milliseconds LockWaits::look(milliseconds waited) {
  collect();
  if (waited.count() == 0) {
    told_ = milliseconds(0);
    return interval_;
  }
  const bool waits = !blockers_.empty() && Clock::now() - seen_ < 2 * interval_;
  if (tell_ && waits && waited - told_ >= between_log_lines) {
    told_ = waited;
    host_.log(FLUX_LOG_INFO, "a statement waits for others to end; " + blockers_);
  }
  if (observer_ != nullptr) observer_->ask(question_, this);
  return interval_;
}

bool LockWaits::at_work() const { return Clock::now() - seen_at_work_ <= 2 * interval_; }

// Where statements end and begin is not always seen from here, the results of many come at once: what was seen long
// before the end belongs to an earlier one.
std::string LockWaits::blockers() {
  constexpr milliseconds grace{2000};
  collect();
  return Clock::now() - seen_ <= 2 * interval_ + grace ? blockers_ : std::string();
}

}  // namespace flux::postgres
