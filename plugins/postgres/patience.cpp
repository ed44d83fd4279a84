#include "patience.hpp"

namespace flux::postgres {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_looks{1000};
constexpr milliseconds between_log_lines{10000};

std::string in_seconds(milliseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

// In a pipeline a process is active also while it waits for its client. Where nothing is said of what it does it counts
// as being at work.
std::string at_work_expression(const std::string& activity) {
  return "(coalesce(" + activity + ".state, '') NOT LIKE 'idle%' AND " + activity +
         ".wait_event IS DISTINCT FROM 'ClientRead')";
}

milliseconds AnswerPatience::look(milliseconds waited) {
  if (waited < answer_patience) return answer_patience - waited;
  connection_.abandon();
  throw BackendError(FLUX_E_CONNECTION,
                     "the server, or the pool before it, gave no answer within " + in_seconds(answer_patience))
      .hint(std::string("behind a pooler: ") + pool_too_small);
}

// pg_stat_activity shows a transaction the same picture again, unless it is told to forget it. The view itself would
// leave locks on catalogs until the end of the observer's transaction; the function behind it does not.
bool CommitPatience::seen_at_work() {
  if (observer_ == nullptr) return false;
  const Result state = observer_->answer(this);
  observer_->ask("SELECT pg_catalog.pg_stat_clear_snapshot(); SELECT " + at_work_expression("a") +
                     " FROM pg_catalog.pg_stat_get_activity(" + std::to_string(pid_) + ") AS a",
                 this);
  return state && PQntuples(state.get()) == 1 && *PQgetvalue(state.get(), 0, 0) == 't';
}

milliseconds CommitPatience::look(milliseconds waited) {
  if (waited.count() == 0) return between_looks;
  const bool at_work = seen_at_work();
  if (at_work) excused_ += waited - last_look_;
  last_look_ = waited;
  if (waited - excused_ >= commit_patience) {
    connection_.abandon();
    throw BackendError(FLUX_E_CONNECTION, "the server did not answer COMMIT within " + in_seconds(commit_patience));
  }
  if (waited - told_ >= between_log_lines) {
    told_ = waited;
    host_.log(FLUX_LOG_WARN, "COMMIT has not been answered for " + in_seconds(waited) +
                                 (at_work ? ": the server is still at work on it" : ""));
  }
  return between_looks;
}

milliseconds BatchPatience::look(milliseconds waited) {
  const milliseconds next = waits_.look(waited);
  const int unsent = connection_.unsent();
  if (waited.count() == 0 || waits_.at_work() || unsent != unsent_) last_sign_ = waited;
  unsent_ = unsent;
  if (waited - last_sign_ < commit_patience) return next;
  connection_.abandon();
  throw BackendError(FLUX_E_CONNECTION,
                     "the server has not answered for " + in_seconds(commit_patience) + ", and is not seen at work");
}

}  // namespace flux::postgres
