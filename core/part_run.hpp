// Runs a script without a transaction, statement by statement, counting in the history what is done.
#pragma once

#include <chrono>
#include <optional>

#include "run_context.hpp"

namespace flux {

// What the end of the script makes of its history row.
enum class RowEnd { applied, repeatable, removed };

// The script of one step. A statement that can be in a transaction is in one with its count; any other is counted as
// started before it and as done after it, so that only such a one can ever be in doubt.
class PartRun {
 public:
  // `row`: what is written, its state being the interrupted one. `before`: what the history has instead until then, and has
  // again where nothing of the script is done; nullopt: no row. `script` has been cut into parts; both references must
  // outlive the run.
  PartRun(const RunContext& context, const Script& script, HistoryRow row, RowEnd end, std::optional<HistoryRow> before = std::nullopt);

  // Runs all of it. Where it stops half way, throws Error with what went wrong, its code interrupted and its hint how to go
  // on. Where nothing of it is done, throws as a transaction would; with a backend whose transactions take back everything,
  // so that what runs outside of them has its reason, only where nothing has been noted in the history.
  void run();
  // The same for one that was interrupted: what follows the first `done` statements.
  void resume(std::size_t done);

 private:
  void run_behind(std::size_t done);
  void run_parts(std::size_t done);
  void run_inside(const ScriptPart& part, bool continued, bool continues);
  void run_outside(const ScriptPart& part, bool continued, bool continues);
  // The row as it is when `part` is done.
  HistoryRow counted(const ScriptPart& part) const;
  void count_done(std::size_t done);
  void run_part_outside(const ScriptPart& part, bool continued, bool continues);
  void note_failure(const ScriptPart& part);
  bool nothing_lasts() const;
  void take_back();
  void write(const HistoryRow& row);
  void write_or_finish(const HistoryRow& row, bool continues);
  void finish(HistoryRow row);
  bool look_for_end(const Error& lost);
  [[noreturn]] void stopped(const Error& error) const;

  const RunContext& context_;
  const Script& script_;
  const std::optional<HistoryRow> before_;
  HistoryRow row_;
  RowEnd end_;
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_{};
  bool written_ = false;  // the history has the row as interrupted
  bool resumed_ = false;
};

}  // namespace flux
