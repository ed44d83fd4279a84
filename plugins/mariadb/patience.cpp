#include "patience.hpp"

namespace flux::mariadb {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_looks{1000};
constexpr milliseconds between_log_lines{10000};

std::string in_seconds(milliseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

bool at_work(Connection& observer, unsigned long id) {
  AnswerPatience patience(observer);
  const Connection::Watched watched(observer, patience);
  const auto command = observer.value(
      "SELECT command FROM information_schema.processlist WHERE id = " + std::to_string(id) + " LIMIT 1");
  return command && *command != "Sleep";
}

milliseconds AnswerPatience::look(milliseconds waited) {
  if (waited < answer_patience) return answer_patience - waited;
  connection_.abandon();
  throw BackendError(FLUX_E_CONNECTION, "the server gave no answer within " + in_seconds(answer_patience));
}

// The observer may be as silent as the other one: then nothing is seen.
bool CommitPatience::seen_at_work() {
  if (observer_ == nullptr || !observer_->alive()) return false;
  try {
    return at_work(*observer_, connection_.id());
  } catch (const BackendError&) {
    return false;
  }
}

milliseconds CommitPatience::look(milliseconds waited) {
  if (waited.count() == 0) return between_looks;
  const bool busy = seen_at_work();
  if (busy) excused_ += waited - last_look_;
  last_look_ = waited;
  if (waited - excused_ >= commit_patience) {
    connection_.abandon();
    throw BackendError(FLUX_E_CONNECTION,
                       std::string("the server did not answer ") + what_ + " within " + in_seconds(commit_patience));
  }
  if (waited - told_ >= between_log_lines) {
    told_ = waited;
    host_.log(FLUX_LOG_WARN, std::string(what_) + " has not been answered for " + in_seconds(waited) +
                                 (busy ? ": the server is still at work on it" : ""));
  }
  return between_looks;
}

}  // namespace flux::mariadb
