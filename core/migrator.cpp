#include <flux/core/migrator.hpp>

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <flux/core/read_directory.hpp>

#include "migrator_state.hpp"
#include "runner.hpp"
#include "script_check.hpp"
#include "script_file.hpp"

namespace flux {
namespace {

// What `shown` asks for in a form that does not grow when the history has moved on: up to the last id that was shown.
Request narrowed(const Plan& shown) {
  const auto is_migration = [](const Step& step) { return !is_repeatable(step.kind); };
  const auto last = std::find_if(shown.steps.rbegin(), shown.steps.rend(), is_migration);
  const bool none = last == shown.steps.rend();
  if (shown.is_rollback()) {
    RollbackRequest request = std::get<RollbackRequest>(shown.request);
    request.all = false;
    request.count = none ? std::optional<std::size_t>(0) : std::nullopt;
    request.to = none ? std::nullopt : std::optional<std::string>(last->id);
    return request;
  }
  ApplyRequest request = std::get<ApplyRequest>(shown.request);
  request.count = none ? std::optional<std::size_t>(0) : std::nullopt;
  request.to = none ? std::nullopt : std::optional<std::string>(last->id);
  return request;
}

bool has_outside_part(const Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
    return step.script != nullptr && std::any_of(step.script->parts().begin(), step.script->parts().end(), [](const ScriptPart& part) { return !part.in_transaction; });
  });
}

bool same(const Step& a, const Step& b) {
  const bool same_script = a.script == b.script || (a.script != nullptr && b.script != nullptr && a.script->text() == b.script->text());
  return a.kind == b.kind && a.id == b.id && same_script;
}

}  // namespace

const char* name(MigrationState state) noexcept {
  switch (state) {
    case MigrationState::applied: return "applied";
    case MigrationState::pending: return "pending";
    case MigrationState::interrupted: return "interrupted";
    case MigrationState::changed: return "changed";
    case MigrationState::missing: return "missing";
  }
  return "";
}

MigrationLock::MigrationLock(Backend& backend, std::chrono::milliseconds timeout, const Log& log) : backend_(backend), log_(log) { backend_.lock(timeout); }

MigrationLock::~MigrationLock() {
  try {
    backend_.unlock();
  } catch (const std::exception& e) {
    log_.debug(fmt::format("the lock could not be released, it ends with the connection: {}", e.what()));
  }
}

Migrator::State::State(Config c, const MigratorOptions& options)
    : config(std::move(c)),
      log(options.log),
      library(BackendLibrary::load(find_backend(options.search, config.backend), config.backend)),
      repeatables(options.repeatables) {
  backend = std::make_unique<Backend>(library, config, log);
}

Backend& Migrator::State::connected() {
  if (!target) {
    backend->connect(resolve_database_uri(config));
    target = backend->describe_target();
  }
  return *backend;
}

History Migrator::State::history(UndoTexts undo_texts) { return connected().read_history(config.name_space, undo_texts); }

const MigrationSet& Migrator::State::set() {
  if (!set_) take(read_directory(config.migration_directory, library->info().script_extension, config.file.parent_path()));
  return *set_;
}

const MigrationSet& Migrator::State::set(const History& history, Look look) {
  if (set_) return *set_;
  ReadOptions options;
  options.history = &history;
  if (look != Look::at_none)
    options.look = [&](Script& script, bool applied) {
      if (look == Look::at_all || !applied) check_script(script, *backend);
    };
  take(read_directory(config.migration_directory, library->info().script_extension, config.file.parent_path(), options));
  return *set_;
}

void Migrator::State::take(MigrationSet set) {
  set_ = std::move(set);
  if (!repeatables) set_->repeatables.clear();
}

ScriptPtr Migrator::State::looked_at(const ScriptPtr& script) {
  const bool known = script->statement_count().has_value() || !script->problems().empty();
  return known ? script : check(script);
}

ScriptPtr Migrator::State::check(const ScriptPtr& script) {
  if (!script->text_left_out() && script->statement_count()) return script;
  const auto at = checked.find(script);
  if (at != checked.end()) return at->second;
  const std::shared_ptr<Script> copy = script->text_left_out() ? read_again(script) : Script::copy(script);
  check_script(*copy, *backend);
  return checked.emplace(script, copy).first->second;
}

Plan Migrator::State::plan(const Request& request, const History& history, bool fingerprint) {
  const auto* apply = std::get_if<ApplyRequest>(&request);
  if (apply != nullptr && apply->single_transaction && !library->can(FLUX_CAP_TRANSACTIONAL_DDL)) {
    Failure f;
    f.code = ErrorCode::usage;
    f.message = fmt::format("the backend {} cannot apply several migrations in a single transaction", library->info().name);
    throw Error(std::move(f));
  }
  PlanOptions options;
  options.apply_repeatable_on_undo = config.apply_repeatable_on_undo;
  options.fingerprint = fingerprint;
  options.check = [this](const ScriptPtr& script) { return check(script); };
  try {
    Plan plan = make_plan(set(history, apply != nullptr ? Look::at_pending : Look::at_none), history, request, options);
    warn_of_parts(plan);
    return plan;
  } catch (const Error& error) {
    std::vector<Failure> failures = error.failures();
    const auto interrupted = std::find_if(failures.begin(), failures.end(), [](const Failure& f) { return f.code == ErrorCode::interrupted; });
    if (interrupted == failures.end()) throw;
    interrupted->detail = about_interrupted();
    throw Error(error.code(), std::move(failures));
  }
}

// Who knows other databases expects a script that fails to leave nothing.
void Migrator::State::warn_of_parts(Plan& plan) const {
  if (library->can(FLUX_CAP_TRANSACTIONAL_DDL)) return;
  const auto in_parts = [](const Step& step) { return step.script != nullptr && step.script->parts().size() > 1; };
  if (std::none_of(plan.steps.begin(), plan.steps.end(), in_parts)) return;
  plan.warnings.push_back(fmt::format("{} cannot roll back a whole script, so each runs statement by statement: what is done before a failure stays, and `flux resolve ID "
                                      "--resume` goes on behind it",
                                      library->info().name));
}

std::string Migrator::State::about_interrupted() {
  std::vector<std::string> lines = connected().list_leftovers();
  try {
    if (const auto holder = backend->describe_lock()) lines.insert(lines.begin(), fmt::format("or it is under way: the migration lock is held by {}", *holder));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::backend) throw;  // it is no more than a help
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

ScriptPtr Migrator::State::usable_undo(const Migration& migration) {
  const ScriptPtr undo = migration.undo != nullptr ? check(migration.undo) : nullptr;
  return undo != nullptr && undo->problems().empty() ? undo : nullptr;
}

RunContext Migrator::State::run_context() {
  return RunContext{connected(), log, config.name_space, current_user(), make_run_id(), config.lock_retries, config.batch && backend->can_batch(),
                    library->can(FLUX_CAP_TRANSACTIONAL_DDL)};
}

Migrator::Migrator(Config config, MigratorOptions options) : state_(std::make_unique<State>(std::move(config), options)) {}
Migrator::~Migrator() = default;
Migrator::Migrator(Migrator&&) noexcept = default;

const Config& Migrator::config() const noexcept { return state_->config; }
const BackendInfo& Migrator::backend() const noexcept { return state_->library->info(); }
const MigrationSet& Migrator::migrations() const { return state_->set(); }

std::string Migrator::target() {
  state_->connected();
  return *state_->target;
}

History Migrator::history() { return state_->history(); }

void Migrator::cancel() noexcept { state_->backend->request_cancel(); }

Plan Migrator::plan(const Request& request, bool fingerprint) {
  const bool rollback = std::holds_alternative<RollbackRequest>(request);
  return state_->plan(request, state_->history(rollback ? UndoTexts::read : UndoTexts::left_out), fingerprint);
}

Plan Migrator::plan_to_run(const Request& request, bool fingerprint) {
  try {
    return plan(request, fingerprint);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::interrupted) throw;
    // Whoever runs it holds the lock.
    const MigrationLock lock(state_->connected(), state_->config.lock_timeout, state_->log);
  }
  return plan(request, fingerprint);
}

namespace {

MigrationState state_of(const Migration* migration, const HistoryEntry* row) noexcept {
  if (row == nullptr) return MigrationState::pending;
  if (is_interrupted(row->state)) return MigrationState::interrupted;
  return migration == nullptr ? MigrationState::missing : MigrationState::applied;
}

MigrationStatus status_of(const Migration* migration, const HistoryEntry* row) noexcept {
  MigrationStatus one;
  one.id = migration != nullptr ? migration->id : row->id;
  one.state = state_of(migration, row);
  one.has_undo = (migration != nullptr && migration->undo != nullptr) || (row != nullptr && row->has_undo);
  one.row = row;
  return one;
}

// The union of both, which are sorted by id.
std::vector<MigrationStatus> statuses(const MigrationSet& set, const History& history) {
  std::vector<MigrationStatus> out;
  out.reserve(std::max(set.migrations.size(), history.migrations().size()));
  auto migration = set.migrations.begin();
  auto row = history.migrations().begin();
  while (migration != set.migrations.end() || row != history.migrations().end()) {
    const bool has_file = migration != set.migrations.end() && (row == history.migrations().end() || migration->id <= row->id);
    const bool has_row = row != history.migrations().end() && (!has_file || row->id == migration->id);
    out.push_back(status_of(has_file ? &*migration : nullptr, has_row ? &*row : nullptr));
    if (has_file) ++migration;
    if (has_row) ++row;
  }
  return out;
}

}  // namespace

Status Migrator::State::status(const MigrationSet& set, History history) {
  Status status;
  status.target = *target;
  status.findings = verify(set, history);
  status.problems = set.problems;
  status.warnings = set.warnings;
  status.history = std::make_shared<const History>(std::move(history));
  status.ids = set.storage;
  status.migrations = statuses(set, *status.history);
  for (const MigrationStatus& one : status.migrations)
    ++(one.state == MigrationState::pending ? status.pending : one.state == MigrationState::interrupted ? status.interrupted : status.applied);
  for (Finding& finding : status.findings) {
    if (finding.kind == FindingKind::interrupted) finding.detail = about_interrupted();
    const auto at = std::lower_bound(status.migrations.begin(), status.migrations.end(), finding.id,
                                     [](const MigrationStatus& m, const std::string& id) { return m.id < id; });
    if (finding.kind == FindingKind::changed) at->state = MigrationState::changed;
    if (finding.kind == FindingKind::out_of_order) at->out_of_order = true;
  }
  return status;
}

Status Migrator::status() {
  History read = history();
  const MigrationSet& set = state_->set(read);
  return state_->status(set, std::move(read));
}

Validation Migrator::validate() {
  History read = history();
  const MigrationSet& set = state_->set(read, State::Look::at_all);
  Validation found;
  const auto look_into = [&](const ScriptPtr& script, bool would_run) {
    if (script == nullptr) return;
    for (const Failure& f : state_->looked_at(script)->problems())
      if (would_run) found.failures.push_back(f);
      else found.warnings.push_back(fmt::format("{}:{}: {}", script->file(), f.where ? f.where->line : 0, f.message));
  };
  for (const Migration& migration : set.migrations) {
    look_into(migration.up, read.find(migration.id) == nullptr);
    look_into(migration.undo, false);
  }
  for (const Repeatable& repeatable : set.repeatables) look_into(repeatable.script, true);
  found.status = state_->status(set, std::move(read));
  return found;
}

Report Migrator::run(const Plan& plan) {
  Observer nobody;
  return run(plan, nobody);
}

Report Migrator::run(const Plan& shown, Observer& observer) {
  if (shown.steps.empty()) return Report{{}, {}, shown.warnings, {}};
  Backend& backend = state_->connected();
  const Config& config = state_->config;
  const MigrationLock lock(backend, config.lock_timeout, state_->log);
  const Plan plan = replan(shown);
  if (has_outside_part(plan)) backend.prepare_outside();
  if (writes_history(plan)) backend.initialize();
  return run_steps(plan, state_->run_context(), observer);
}

// Under the lock: what another run has done meanwhile drops out, what was not shown is refused.
Plan Migrator::replan(const Plan& shown) {
  const History now = state_->history(shown.is_rollback() ? UndoTexts::read : UndoTexts::left_out);
  if (shown.exact && now.fingerprint() != shown.history_fingerprint) {
    Failure f;
    f.code = ErrorCode::history;
    f.message = "the history has changed since the plan was made";
    f.hint = "nothing was run; make the plan again with `flux plan --out FILE`";
    throw Error(std::move(f));
  }
  Request request = narrowed(shown);
  if (auto* rollback = std::get_if<RollbackRequest>(&request); rollback != nullptr && rollback->to && now.find(*rollback->to) == nullptr) {
    // The lowest one is undone already: go down to the lowest that is left.
    std::optional<std::string> left;
    for (const Step& step : shown.steps)
      if (!is_repeatable(step.kind) && now.find(step.id) != nullptr) left = step.id;
    rollback->to = left;
    if (!left) rollback->count = 0;
  }
  Plan plan = state_->plan(request, now, shown.exact);
  std::vector<Failure> failures;
  // What is left of the plan stands in it in the same order.
  auto from = shown.steps.begin();
  for (const Step& step : plan.steps) {
    const auto at = std::find_if(from, shown.steps.end(), [&](const Step& s) { return same(s, step); });
    if (at != shown.steps.end()) {
      from = at + 1;
      continue;
    }
    Failure f;
    f.code = ErrorCode::history;
    f.message = fmt::format("the database has changed since the plan was made: {} {} was not in it", name(step.kind), step.id);
    f.migration_id = step.id;
    f.hint = "nothing was run; look at the new plan and confirm it";
    failures.push_back(std::move(f));
  }
  if (!failures.empty()) throw Error(ErrorCode::history, std::move(failures));
  return plan;
}

}  // namespace flux
