#include "transaction.hpp"

#include <fmt/core.h>

namespace flux {
namespace {

// How long to try to connect again. What the server needs to end what it was doing comes on top.
constexpr std::chrono::seconds reconnect_limit{30};

Error outcome_unknown(const Error& lost, const std::string& why) {
  std::vector<Failure> failures = lost.failures();
  Failure& first = failures.front();
  first.code = ErrorCode::outcome_unknown;
  if (!why.empty()) first.detail = first.detail.empty() ? why : first.detail + "\n" + why;
  first.hint = "run `flux status` when the database can be reached, to see whether it was applied";
  return Error(ErrorCode::outcome_unknown, std::move(failures));
}

}  // namespace

Transaction::Transaction(const RunContext& context) : context_(context) {
  constexpr std::chrono::milliseconds at_once{200};
  const auto start = std::chrono::steady_clock::now();
  context_.backend.begin();
  waited_ = std::chrono::steady_clock::now() - start > at_once;
}

Transaction::~Transaction() {
  if (done_) return;
  try {
    context_.backend.rollback();
  } catch (const std::exception& e) {
    context_.log.warn(fmt::format("the rollback failed: {}", e.what()));  // the reason for it is what the user must see
  }
}

void Transaction::commit() {
  try {
    context_.backend.commit();
    done_ = true;
  } catch (const Error& error) {
    done_ = error.code() == ErrorCode::connection;
    throw;
  }
}

void Transaction::commit(const Happened& happened) {
  try {
    commit();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::connection) throw;
    find_out(error, happened);
  }
}

void Transaction::find_out(const Error& lost, const Happened& happened) const {
  const std::optional<bool> answer = happened(history_after(lost, context_));
  if (answer != true) throw not_committed(lost, answer.has_value());
  context_.log.warn(commit_confirmed);
}

Error not_committed(const Error& lost, bool leaves_trace) {
  Failure f = lost.failures().front();
  f.retryable = !leaves_trace;
  f.message = (leaves_trace ? "the connection was lost, and nothing was committed: "
                            : "the connection was lost, and there is no trace to tell whether this was committed: ") +
              f.message;
  f.hint = "run the command again";
  return Error(std::move(f));
}

History history_after(const Error& lost, const RunContext& context) {
  // A wish to stop is no reason not to know.
  const Backend::Shield shield(context.backend);
  context.log.warn(fmt::format("{}; connecting again to see what was committed", lost.what()));
  try {
    if (context.backend.reconnect(reconnect_limit)) return context.backend.read_history(context.name_space, UndoTexts::read);
  } catch (const Error& error) {
    throw outcome_unknown(lost, error.what());
  }
  throw outcome_unknown(lost, "");
}

}  // namespace flux
