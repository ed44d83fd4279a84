// A transaction on the target whose outcome is always found out.
#pragma once

#include <functional>
#include <optional>

#include "run_context.hpp"

namespace flux {

// Rolls back when destroyed without commit(). `context` must outlive it.
class Transaction {
 public:
  explicit Transaction(const RunContext& context);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Beginning took so long that another run may have been waited for: what was planned may be done already.
  bool waited() const noexcept { return waited_; }

  // Whether the history shows that this transaction was committed; nullopt: it leaves no trace there.
  using Happened = std::function<std::optional<bool>(const History&)>;

  // Where the connection is lost meanwhile, connects again and asks `happened`. Throws Error{connection} where nothing was
  // committed, marked as retryable where that is not known but the work can be done twice; Error{outcome_unknown}
  // where it cannot be found out.
  void commit(const Happened& happened);
  // The same where the caller itself finds out what a lost connection has done: throws what the backend throws.
  void commit();

 private:
  void find_out(const Error& lost, const Happened& happened) const;

  const RunContext& context_;
  bool done_ = false;
  bool waited_ = false;
};

// What to say of a commit that the history shows though its answer was lost.
inline constexpr const char* commit_confirmed = "commit confirmed: the history has it";
// What to throw where the history shows that what was being done for a `lost` connection was not committed, or where it
// `leaves_trace` none there: then it can be done twice, and is marked as retryable.
Error not_committed(const Error& lost, bool leaves_trace);

// Connects again after `lost` and reads the history. Throws Error{outcome_unknown} where that cannot be done.
History history_after(const Error& lost, const RunContext& context);

}  // namespace flux
