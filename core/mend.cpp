#include <flux/core/mend.hpp>

#include <fmt/core.h>

#include <algorithm>

#include <flux/core/hash.hpp>
#include <flux/core/source_text.hpp>

#include "migrator_state.hpp"
#include "part_run.hpp"
#include "script_parts.hpp"
#include "transaction.hpp"

namespace flux {
namespace {

Error refused(ErrorCode code, std::string message, std::string hint = "") {
  Failure f;
  f.code = code;
  f.message = std::move(message);
  f.hint = std::move(hint);
  return Error(std::move(f));
}

Error moved_on(const std::string& id) {
  return refused(ErrorCode::history, fmt::format("the history of {} has changed meanwhile", id), "nothing was done; look again");
}

Timestamp now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

// Adds a line that says who did what to the row.
void add_note(HistoryRow& row, const RunContext& context, const std::string& what, Timestamp when = now()) {
  const std::string line = fmt::format("{} {}: {}", iso8601(when), context.applied_by, what);
  row.note = row.note && !row.note->empty() ? *row.note + "\n" + line : line;
}

const Repeatable* find_repeatable(const MigrationSet& set, const std::string& id) {
  const auto at = std::find_if(set.repeatables.begin(), set.repeatables.end(), [&](const Repeatable& r) { return r.id == id; });
  return at != set.repeatables.end() ? &*at : nullptr;
}

// The script that stopped: its file, else the copy that the history keeps of an undo script. Null: neither.
ScriptPtr script_of(const MigrationSet& set, const HistoryRow& row) {
  if (row.state == RowState::repeatable_interrupted) {
    const Repeatable* repeatable = find_repeatable(set, row.id);
    return repeatable != nullptr ? repeatable->script : nullptr;
  }
  const Migration* migration = set.find(row.id);
  if (row.state == RowState::interrupted) return migration != nullptr ? migration->up : nullptr;
  if (migration != nullptr && migration->undo != nullptr) return migration->undo;
  return row.undo ? kept_undo(row) : nullptr;
}

const HistoryEntry* find_interrupted(const History& history, const std::string& id) {
  const HistoryEntry* row = history.find(id);
  if (row == nullptr) row = history.find_repeatable(id);
  return row != nullptr && is_interrupted(row->state) ? row : nullptr;
}

Error none_interrupted(const History& history, const std::string& id) {
  std::string others;
  for (const auto* rows : {&history.migrations(), &history.repeatables()})
    for (const HistoryEntry& row : *rows)
      if (is_interrupted(row.state)) others.append(others.empty() ? "" : ", ").append(row.id);
  return refused(ErrorCode::usage, fmt::format("{} was not interrupted", id), others.empty() ? "nothing was: there is nothing to resolve" : "interrupted: " + others);
}

bool same(const HistoryRow& a, const HistoryRow& b) {
  return a.state == b.state && a.hash == b.hash && a.run_id == b.run_id && a.statements_started == b.statements_started && a.statements_done == b.statements_done;
}

// How many statements need not run, given what the user says of the one in doubt.
std::size_t statements_behind(const InterruptedScript& stopped, const ResolveRequest& request, const Script& script) {
  require_answer(stopped, request);
  if (script.statements().size() < stopped.done || done_hash(script, stopped.done) != stopped.row.done_hash.value_or("")) {
    Failure f;
    f.code = ErrorCode::history;
    f.message = fmt::format("the first {} statements of {} are done, but have been changed since", stopped.done, script.file());
    f.migration_id = stopped.id;
    f.hint = "restore them as they ran and change only what follows, or end it by hand and use --applied or --not-applied";
    throw Error(std::move(f));
  }
  const std::size_t behind = stopped.done + (stopped.in_doubt && *request.doubtful_done ? 1 : 0);
  const auto begins = [behind](const ScriptPart& part) { return part.first == behind; };
  if (behind == script.statements().size() || std::any_of(script.parts().begin(), script.parts().end(), begins)) return behind;
  throw refused(ErrorCode::history, fmt::format("statement {} of {} stands between BEGIN and COMMIT now, behind one that is done", behind + 1, script.file()),
                "begin the transaction behind the statements that are done");
}

}  // namespace

void require_answer(const InterruptedScript& stopped, const ResolveRequest& request) {
  if (request.how != Resolution::resume) return;
  if (!stopped.in_doubt && request.doubtful_done)
    throw refused(ErrorCode::usage, "no statement is in doubt", "leave out --statement-done and --statement-redo");
  if (!stopped.in_doubt || request.doubtful_done) return;
  Failure f;
  f.code = ErrorCode::interrupted;
  f.message = fmt::format("statement {} of {} of {} was started and may be done", stopped.done + 1, stopped.total, stopped.id);
  f.where = stopped.where;
  f.hint = "look into the database, then say --statement-done, or --statement-redo to run it again";
  throw Error(std::move(f));
}

InterruptedScript Migrator::interrupted(const std::string& id) {
  const History read = state_->history(UndoTexts::read);
  const HistoryEntry* row = find_interrupted(read, id);
  if (row == nullptr) throw none_interrupted(read, id);
  InterruptedScript out;
  out.id = id;
  out.row = row->row();
  out.done = static_cast<std::size_t>(row->statements_done().value_or(0));
  out.total = static_cast<std::size_t>(row->statements_total().value_or(0));
  out.in_doubt = row->statements_started().value_or(0) > row->statements_done().value_or(0);
  out.leftovers = state_->backend->list_leftovers();
  const ScriptPtr given = script_of(state_->set(read), out.row);
  if (given == nullptr) return out;
  const ScriptPtr script = state_->check(given);
  out.file = script->file();
  if (out.done < script->statements().size()) {
    const TextSpan& at = script->statements()[out.done];
    out.where = position_at(out.file, script->text(), at.offset);
    out.statement = script->text().substr(at.offset, at.length);
  }
  return out;
}

// What a resolution works on.
struct Migrator::Stopped {
  const InterruptedScript& shown;
  ScriptPtr script;  // looked at; null: its file is gone
  HistoryRow row;    // as this run would write it, the file being what counts now
  Step step;
  bool repeatable = false, undo = false, keeps_row = true;
};

Migrator::Stopped Migrator::stopped(const InterruptedScript& shown, const RunContext& context) {
  const auto row = std::make_shared<const HistoryRow>(shown.row);
  Stopped out{shown, script_of(state_->set(), shown.row), shown.row, Step{StepKind::apply, row->id, nullptr, nullptr, false, row}};
  out.undo = shown.row.state == RowState::undo_interrupted;
  out.repeatable = shown.row.state == RowState::repeatable_interrupted;
  if (out.undo) out.step.kind = StepKind::undo;
  else if (out.repeatable) out.step.kind = shown.id.starts_with("pre-apply/") ? StepKind::pre_apply : StepKind::post_apply;
  if (out.undo) out.row.script = context.backend.read_script(context.name_space, shown.id);
  if (out.script == nullptr) {
    out.keeps_row = !out.repeatable;
    return out;
  }
  out.script = out.step.script = state_->check(out.script);
  out.keeps_row = !out.repeatable || out.script->directives().on_change;
  if (out.undo) return out;
  const Migration* migration = state_->set().find(shown.id);
  const ScriptPtr undo = migration != nullptr ? state_->usable_undo(*migration) : nullptr;
  out.row = make_row(context, shown.id, *out.script, undo.get());
  out.row.state = shown.row.state;
  out.row.note = shown.row.note;
  return out;
}

Report Migrator::resolve(const InterruptedScript& shown, const ResolveRequest& request, Observer& observer) {
  Backend& backend = state_->connected();
  const MigrationLock lock(backend, state_->config.lock_timeout, state_->log);
  const History now = state_->history(UndoTexts::read);
  const HistoryEntry* current = find_interrupted(now, shown.id);
  if (current == nullptr || !same(current->row(), shown.row)) throw moved_on(shown.id);
  backend.initialize();
  const RunContext context = state_->run_context();
  const Stopped stopped = this->stopped(shown, context);
  return request.how == Resolution::resume ? resume(stopped, request, context, observer) : settle(stopped, request.how, context);
}

Report Migrator::settle(const Stopped& stopped, Resolution how, const RunContext& context) {
  Transaction transaction(context);
  if (how == Resolution::applied && stopped.keeps_row) {
    HistoryRow row = stopped.row;
    row.state = stopped.repeatable ? RowState::repeatable : RowState::applied;
    row.done_hash.reset();
    row.run_id = context.run_id;
    add_note(row, context, "resolved as applied");
    context.backend.register_migration(context.name_space, row);
  } else {
    context.backend.unregister_migration(context.name_space, stopped.shown.id);
  }
  transaction.commit([&](const History& history) { return std::optional(find_interrupted(history, stopped.shown.id) == nullptr); });
  Report report;
  report.results.push_back({stopped.step, StepOutcome::done, {}});
  return report;
}

Report Migrator::resume(const Stopped& stopped, const ResolveRequest& request, const RunContext& context, Observer& observer) {
  const std::string& id = stopped.shown.id;
  if (stopped.script == nullptr) throw refused(ErrorCode::history, fmt::format("the file of {} is gone", id), "restore it, or say --applied or --not-applied");
  const Script& script = *stopped.script;
  if (!script.problems().empty()) throw Error(ErrorCode::directory, script.problems());
  if (!script.runs_in_parts())
    throw refused(ErrorCode::history, fmt::format("{} no longer has the directive no-transaction", script.file()), "put it back: a part of the script is done already");
  const std::size_t done = statements_behind(stopped.shown, request, script);
  const auto outside = [done](const ScriptPart& part) { return !part.in_transaction && (part.first >= done || part.session_only); };
  if (std::any_of(script.parts().begin(), script.parts().end(), outside)) context.backend.prepare_outside();
  HistoryRow row = stopped.row;
  add_note(row, context, fmt::format("resumed behind statement {}", done));
  const RowEnd end = stopped.undo || !stopped.keeps_row ? RowEnd::removed : stopped.repeatable ? RowEnd::repeatable : RowEnd::applied;

  Report report;
  report.results.push_back({stopped.step, StepOutcome::not_run, {}});
  StepResult& result = report.results.back();
  observer.started(result.step, 0, 1);
  const auto start = std::chrono::steady_clock::now();
  try {
    PartRun(context, script, row, end).resume(done);
    result.outcome = StepOutcome::done;
  } catch (const Error& error) {
    result.outcome = error.code() == ErrorCode::outcome_unknown ? StepOutcome::unknown : StepOutcome::interrupted;
    report.failures = error.failures();
    for (Failure& f : report.failures) f.migration_id = id;
  }
  report.duration = result.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  observer.finished(result, 0, 1);
  return report;
}

std::vector<ChangedMigration> Migrator::changed(const std::vector<std::string>& ids) {
  const History read = history();
  std::vector<ChangedMigration> out;
  const MigrationSet& set = state_->set(read);
  for (const Finding& finding : verify(set, read)) {
    if (finding.kind != FindingKind::changed) continue;
    if (!ids.empty() && std::find(ids.begin(), ids.end(), finding.id) == ids.end()) continue;
    out.push_back({finding.id, finding.file, finding.stored_hash, finding.current_hash, finding.applied_at,
                   state_->backend->read_script(state_->config.name_space, finding.id), std::string(set.find(finding.id)->up->text())});
  }
  for (const std::string& id : ids) {
    if (std::any_of(out.begin(), out.end(), [&](const ChangedMigration& c) { return c.id == id; })) continue;
    const bool known = read.find(id) != nullptr;
    throw refused(ErrorCode::usage, known ? fmt::format("{} has not changed since it was applied", id) : fmt::format("{} is not applied", id));
  }
  return out;
}

void Migrator::accept(const std::vector<ChangedMigration>& migrations) {
  Backend& backend = state_->connected();
  const MigrationLock lock(backend, state_->config.lock_timeout, state_->log);
  const History now = state_->history(UndoTexts::read);
  const MigrationSet& set = state_->set(now);
  backend.initialize();
  const RunContext context = state_->run_context();
  Transaction transaction(context);
  for (const ChangedMigration& changed : migrations) {
    const HistoryEntry* row = now.find(changed.id);
    const Migration* migration = set.find(changed.id);
    if (row == nullptr || row->hash() != changed.stored_hash || migration == nullptr || migration->up->text_left_out()) throw moved_on(changed.id);
    HistoryRow accepted = row->row();
    if (!migration->up->problems().empty()) throw Error(ErrorCode::directory, migration->up->problems());
    const HistoryRow fresh = make_row(context, changed.id, *migration->up, state_->usable_undo(*migration).get());
    accepted.hash = fresh.hash;
    if (fresh.undo) accepted.undo = fresh.undo;
    accepted.script = fresh.script;
    accepted.run_id = context.run_id;
    add_note(accepted, context, "accepted as changed, before it was " + changed.stored_hash);
    backend.register_migration(context.name_space, accepted);
  }
  transaction.commit([&](const History& history) {
    const HistoryEntry* row = history.find(migrations.front().id);
    return std::optional(row != nullptr && row->run_id() == context.run_id);
  });
}

std::vector<std::string> Migrator::pending_up_to(const std::string& id) {
  const History read = history();
  const MigrationSet& set = state_->set(read);
  if (!set.problems.empty()) throw Error(ErrorCode::directory, set.problems);
  if (set.find(id) == nullptr) throw refused(ErrorCode::usage, "there is no migration " + id, "see `flux status`");
  std::vector<std::string> out;
  std::vector<Failure> failures;  // an unwritten migration is no part of any database
  for (const Migration& migration : set.migrations) {
    if (migration.id > id || read.find(migration.id) != nullptr) continue;
    out.emplace_back(migration.id);
    failures.insert(failures.end(), migration.up->problems().begin(), migration.up->problems().end());
  }
  if (!failures.empty()) throw Error(ErrorCode::directory, std::move(failures));
  return out;
}

void Migrator::baseline(const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  Backend& backend = state_->connected();
  const MigrationLock lock(backend, state_->config.lock_timeout, state_->log);
  backend.initialize();
  const RunContext context = state_->run_context();
  Transaction transaction(context);
  const Timestamp when = now();  // the same note in all rows, however many they are
  for (const std::string& id : ids) {
    const Migration& migration = *state_->set().find(id);
    HistoryRow row = make_row(context, id, *migration.up, state_->usable_undo(migration).get());
    row.is_new = true;
    add_note(row, context, "baseline: recorded as applied, not run", when);
    backend.register_migration(context.name_space, row);
  }
  transaction.commit([&](const History& history) {
    const HistoryEntry* row = history.find(ids.front());
    return std::optional(row != nullptr && row->run_id() == context.run_id);
  });
}

std::optional<std::string> Migrator::lock_holder() { return state_->connected().describe_lock(); }

void Migrator::break_lock(const std::string& holder) {
  if (lock_holder() != holder) throw refused(ErrorCode::history, "another session holds the migration lock now", "nothing was done; look again");
  state_->connected().break_lock();
}

}  // namespace flux
