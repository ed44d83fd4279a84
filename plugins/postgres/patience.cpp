#include "patience.hpp"

#include <cstring>

namespace flux::postgres {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_looks{1000};
constexpr milliseconds between_log_lines{10000};

std::string in_seconds(milliseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

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
  observer_->ask("SELECT pg_catalog.pg_stat_clear_snapshot(); SELECT state FROM pg_catalog.pg_stat_get_activity(" +
                 std::to_string(pid_) + ")",
                 this);
  return state && PQntuples(state.get()) == 1 && std::strcmp(PQgetvalue(state.get(), 0, 0), "active") == 0;
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

}  // namespace flux::postgres
