#include "part_run.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "retry.hpp"
#include "script_parts.hpp"
#include "transaction.hpp"

namespace flux {
namespace {

// The state that the row has at the end where it stays.
RowState state_at(RowEnd end) noexcept { return end == RowEnd::repeatable ? RowState::repeatable : RowState::applied; }

}  // namespace

PartRun::PartRun(const RunContext& context, const Script& script, HistoryRow row, RowEnd end, std::optional<HistoryRow> before)
    : context_(context), script_(script), before_(std::move(before)), row_(std::move(row)), end_(end) {
  row_.run_id = context.run_id;
  row_.statements_total = static_cast<std::int64_t>(script.statements().size());
}

void PartRun::run() {
  count_done(0);
  run_behind(0);
}

void PartRun::resume(std::size_t done) {
  written_ = resumed_ = true;
  count_done(done);
  // What the user has said of the statement in doubt holds from now on, whatever happens to the next one.
  write(row_);
  run_behind(done);
}

void PartRun::count_done(std::size_t done) {
  row_.statements_started = row_.statements_done = static_cast<std::int64_t>(done);
  row_.done_hash = done_hash(script_, done);
}

void PartRun::run_behind(std::size_t done) {
  start_ = Clock::now();
  try {
    run_parts(done);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::connection && look_for_end(error)) return;
    if (written_ && !context_.takes_all_back && error.code() != ErrorCode::connection && nothing_lasts()) take_back();
    stopped(error);
  }
}

void PartRun::run_parts(std::size_t done) {
  const auto first = std::find_if(script_.parts().begin(), script_.parts().end(), [done](const ScriptPart& part) { return part.first >= done; });
  if (first == script_.parts().end()) {
    Transaction transaction(context_);
    finish(row_);
    return transaction.commit();
  }
  bool continued = false;
  for (auto part = script_.parts().begin(); part != first; ++part) {
    if (!part->session_only) continue;
    context_.backend.apply_part(row_.id, script_, *part, continued, true);
    continued = true;
  }
  for (auto part = first; part != script_.parts().end(); ++part, continued = true) {
    stop_if_cancelled(context_);
    const bool continues = part + 1 != script_.parts().end();
    if (part->in_transaction) run_inside(*part, continued, continues);
    else run_outside(*part, continued, continues);
  }
}

void PartRun::run_inside(const ScriptPart& part, bool continued, bool continues) {
  const HistoryRow next = counted(part);
  with_retries(context_, row_.id, [&] {
    Transaction transaction(context_);
    context_.backend.apply_part(row_.id, script_, part, continued, continues);
    write_or_finish(next, continues);
    transaction.commit();
  });
  row_ = next;
  row_.is_new = false;
  written_ = true;
}

void PartRun::run_outside(const ScriptPart& part, bool continued, bool continues) {
  // Elsewhere what failed outside of a transaction has its reason to be there, and may have left something.
  const bool again = part.all_or_nothing && !context_.takes_all_back;
  if (again) with_retries(context_, row_.id, [&] { run_part_outside(part, continued, continues); });
  else run_part_outside(part, continued, continues);
  // What is done is counted, whoever wants to stop meanwhile.
  const Backend::Shield shield(context_.backend);
  const HistoryRow next = counted(part);
  write_or_finish(next, continues);
  row_ = next;
}

void PartRun::run_part_outside(const ScriptPart& part, bool continued, bool continues) {
  HistoryRow started = row_;
  started.statements_started = static_cast<std::int64_t>(part.first + part.count);
  write(started);
  try {
    context_.backend.apply_part(row_.id, script_, part, continued, continues);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::connection && part.all_or_nothing) note_failure(part);
    throw;
  }
}

// The database has answered: the statement is not done, and not in doubt.
void PartRun::note_failure(const ScriptPart& part) {
  const Backend::Shield shield(context_.backend);
  HistoryRow not_done = row_;
  not_done.statements_started = not_done.statements_done;
  try {
    write(not_done);
  } catch (const std::exception& e) {
    context_.log.warn(fmt::format("that statement {} failed could not be noted: {}", part.first + 1, e.what()));
  }
}

// What the session was told is gone with it.
bool PartRun::nothing_lasts() const {
  const auto done = static_cast<std::size_t>(row_.statements_done.value_or(0));
  const bool in_doubt = row_.statements_started != row_.statements_done;
  return !resumed_ && !in_doubt && std::all_of(script_.parts().begin(), script_.parts().end(), [done](const ScriptPart& part) {
    return part.first >= done || part.session_only;
  });
}

// The row goes back to what it was before.
void PartRun::take_back() {
  const Backend::Shield shield(context_.backend);
  try {
    if (before_) context_.backend.register_migration(context_.name_space, *before_);
    else context_.backend.unregister_migration(context_.name_space, row_.id);
    written_ = false;
  } catch (const std::exception& e) {
    context_.log.warn(fmt::format("that nothing of {} is done could not be noted: {}", row_.id, e.what()));
  }
}

HistoryRow PartRun::counted(const ScriptPart& part) const {
  HistoryRow row = row_;
  for (std::size_t i = part.first; i < part.first + part.count; ++i) row.done_hash = next_done_hash(*row.done_hash, script_, i);
  row.statements_started = row.statements_done = static_cast<std::int64_t>(part.first + part.count);
  return row;
}

void PartRun::write(const HistoryRow& row) {
  context_.backend.register_migration(context_.name_space, row);
  row_ = row;
  row_.is_new = false;
  written_ = true;
}

void PartRun::write_or_finish(const HistoryRow& row, bool continues) {
  if (continues) context_.backend.register_migration(context_.name_space, row);
  else finish(row);
}

void PartRun::finish(HistoryRow row) {
  if (end_ != RowEnd::removed) {
    row.state = state_at(end_);
    row.done_hash.reset();
    row.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
    context_.backend.register_migration(context_.name_space, row);
  } else if (written_ || row_.state == RowState::undo_interrupted) {
    context_.backend.unregister_migration(context_.name_space, row_.id);
  }
}

// After a lost connection: whether the script has come to its end all the same. Sets row_ to what the history has.
bool PartRun::look_for_end(const Error& lost) {
  const History history = history_after(lost, context_);
  const bool repeatable = row_.state == RowState::repeatable_interrupted;
  const HistoryEntry* row = repeatable ? history.find_repeatable(row_.id) : history.find(row_.id);
  const bool ours = row != nullptr && row->run_id() == context_.run_id;
  if (ours && !is_interrupted(row->state)) return true;
  if (row == nullptr && end_ == RowEnd::removed && (written_ || !repeatable)) return true;
  written_ = row != nullptr && is_interrupted(row->state);
  if (ours) row_ = row->row();
  return false;
}

void PartRun::stopped(const Error& error) const {
  if (!written_) throw error;
  std::vector<Failure> failures = error.failures();
  Failure& first = failures.front();
  const std::int64_t done = row_.statements_done.value_or(0), total = row_.statements_total.value_or(0);
  const bool in_doubt = row_.statements_started.value_or(0) > done;
  first.code = ErrorCode::interrupted;
  first.message += fmt::format(" (in statement {} of {}; ", done + 1, total) + (done > 0 ? fmt::format("{} done and not rolled back)", done) : "none is done)");
  const std::string resolve = fmt::format("`flux resolve {} --resume", row_.id);
  const std::string next = in_doubt ? fmt::format("see whether statement {} is done, then run {} --statement-done` or {} --statement-redo`", done + 1, resolve, resolve)
                           : error.code() == ErrorCode::cancelled || first.retryable
                               ? fmt::format("run {}`", resolve)
                               : fmt::format("correct the script from that statement on, then run {}`", resolve);
  first.hint = first.hint.empty() ? next : first.hint + "; then " + next;
  throw Error(first.code, std::move(failures));
}

}  // namespace flux
