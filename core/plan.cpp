#include <flux/core/plan.hpp>

#include <fmt/core.h>

#include <algorithm>

#include <flux/core/hash.hpp>
#include <flux/core/source_text.hpp>
#include <flux/core/verify.hpp>

namespace flux {
namespace {

Failure usage(std::string message, std::string hint = "") {
  Failure f;
  f.code = ErrorCode::usage;
  f.message = std::move(message);
  f.hint = std::move(hint);
  return f;
}

class Planner {
 public:
  Planner(const MigrationSet& set, const History& history, const Request& request, const PlanOptions& options)
      : set_(set), history_(history), options_(options) {
    plan_.request = request;
  }

  Plan make() {
    failures_ = set_.problems;
    plan_.warnings = set_.warnings;
    plan_.applied = history_.migrations().size();
    if (options_.fingerprint) plan_.history_fingerprint = history_.fingerprint();
    plan_.pending = static_cast<std::size_t>(std::count_if(set_.migrations.begin(), set_.migrations.end(),
                                                           [&](const Migration& m) { return history_.find(m.id) == nullptr; }));
    if (const auto* rollback = std::get_if<RollbackRequest>(&plan_.request)) plan_rollback(*rollback);
    else plan_apply(std::get<ApplyRequest>(plan_.request));
    refuse_if_needed();
    return std::move(plan_);
  }

 private:
  void plan_apply(const ApplyRequest& request) {
    for (const Finding& finding : verify(set_, history_))
      if (finding.kind != FindingKind::out_of_order || !request.allow_out_of_order) failures_.push_back(failure(finding));
    if (request.to && set_.find(*request.to) == nullptr) failures_.push_back(unknown_id(*request.to));
    if (request.to && request.count) failures_.push_back(usage("a number and --to exclude each other"));
    single_transaction_ = request.single_transaction;
    add_repeatables(Phase::pre_apply);
    std::size_t left = request.count.value_or(set_.migrations.size());
    plan_.steps.reserve(set_.repeatables.size() + std::min(left, plan_.pending));
    for (const Migration& migration : set_.migrations) {
      if (left == 0 || (request.to && migration.id > *request.to)) break;
      if (history_.find(migration.id) != nullptr) continue;
      const ScriptPtr up = checked(migration.up);
      if (is_blank(up->text())) plan_.warnings.push_back(fmt::format("{} is blank: nothing will run", up->file()));
      plan_.steps.push_back({StepKind::apply, migration.id, up, undo_of_pending(migration), false});
      --left;
    }
    add_repeatables(Phase::post_apply);
  }

  // The undo script does not run now: what is wrong in it is no reason to stop, but to keep it out of the history.
  ScriptPtr undo_of_pending(const Migration& migration) {
    if (migration.undo == nullptr) return nullptr;
    const ScriptPtr undo = options_.check ? options_.check(migration.undo) : migration.undo;
    for (const Failure& problem : undo->problems())
      plan_.warnings.push_back(fmt::format("{}:{}: {}; the migration could not be rolled back", undo->file(),
                                           problem.where ? problem.where->line : 0, problem.message));
    return undo->problems().empty() ? undo : nullptr;
  }

  void plan_rollback(const RollbackRequest& request) {
    const std::vector<HistoryEntry>& rows = history_.migrations();
    const int ways = (request.count ? 1 : 0) + (request.to ? 1 : 0) + (request.all ? 1 : 0);
    if (ways != 1)
      failures_.push_back(usage(ways == 0 ? "how far to roll back must be said" : "a number, --to and --all exclude each other",
                                "give the number of migrations, --to ID (that one is undone as well), or --all"));
    std::size_t begin = rows.size();
    if (request.to) {
      while (begin > 0 && rows[begin - 1].id >= *request.to) --begin;
      if (history_.find(*request.to) == nullptr) failures_.push_back(unknown_id(*request.to));
    } else if (request.all) {
      begin = 0;
    } else if (request.count) {
      begin = rows.size() - std::min(*request.count, rows.size());
      if (*request.count > rows.size() && !rows.empty())
        plan_.warnings.push_back(fmt::format("{} were asked for, and {} {} applied", *request.count, rows.size(), rows.size() == 1 ? "is" : "are"));
    }
    const bool has_range = begin < rows.size();
    verify_rollback(has_range ? rows[begin].id : std::string_view());
    const bool repeatables = options_.apply_repeatable_on_undo && !request.no_repeatable;
    if (repeatables && has_range) add_repeatables(Phase::pre_apply);
    for (std::size_t i = rows.size(); ways == 1 && i > begin; --i) add_undo(rows[i - 1], request);
    if (repeatables && has_range) add_repeatables(Phase::post_apply);
  }

  // A file that is missing, or pending out of order, does not stand in the way of taking others back.
  void verify_rollback(std::string_view from_id) {
    for (const Finding& finding : verify(set_, history_)) {
      if (finding.kind == FindingKind::changed || finding.kind == FindingKind::interrupted) failures_.push_back(failure(finding));
      else if (finding.kind == FindingKind::missing && (from_id.empty() || finding.id < from_id)) plan_.warnings.push_back(failure(finding).message);
    }
  }

  void add_undo(const HistoryEntry& entry, const RollbackRequest& request) {
    const auto row = std::make_shared<const HistoryRow>(entry.row());
    const Migration* migration = set_.find(row->id);
    const std::string file = migration != nullptr ? migration->up->file() : "";
    if (migration != nullptr && migration->up->directives().irreversible) {
      Failure f = missing_undo(row->id, file, fmt::format("{} is marked as irreversible", row->id));
      f.hint = "write a new migration that repairs what must be repaired";
      failures_.push_back(std::move(f));
      return;
    }
    if (migration != nullptr && migration->undo != nullptr) {
      add_undo_step(row, migration->undo, false);
    } else if (row->undo && !is_blank(*row->undo)) {
      add_undo_step(row, kept_undo(*row), true);
    } else if (request.forget_missing_undo) {
      plan_.steps.push_back({StepKind::forget, row->id, nullptr, nullptr, false, row});
    } else {
      failures_.push_back(missing_undo(row->id, file, fmt::format("{} has no undo script", row->id)));
    }
  }

  void add_undo_step(const std::shared_ptr<const HistoryRow>& row, const ScriptPtr& script, bool from_history) {
    const ScriptPtr undo = checked(script);
    if (undo->statement_count() == 0U) plan_.warnings.push_back(fmt::format("{} has no statement: nothing will run", undo->file()));
    plan_.steps.push_back({StepKind::undo, row->id, undo, nullptr, from_history, row});
  }

  static Failure missing_undo(const std::string& id, const std::string& file, std::string message) {
    Failure f;
    f.code = ErrorCode::history;
    f.message = std::move(message);
    f.migration_id = id;
    if (!file.empty()) f.where = SourcePosition{file, 0, 0, ""};
    f.hint = file.empty() ? "restore its files, or run with --forget-missing-undo to take it out of the history alone"
                          : "write one, or run with --forget-missing-undo to take it out of the history alone";
    return f;
  }

  Failure unknown_id(const std::string& id) const {
    std::vector<std::string_view> known;
    for (const Migration& migration : set_.migrations)
      if (!std::holds_alternative<RollbackRequest>(plan_.request) || history_.find(migration.id) != nullptr) known.push_back(migration.id);
    const bool pending = std::holds_alternative<RollbackRequest>(plan_.request) && set_.find(id) != nullptr;
    const auto part = std::find_if(known.begin(), known.end(), [&](std::string_view k) { return k.find(id) != std::string_view::npos; });
    return usage(pending ? id + " is not applied" : "there is no migration " + id,
                 part != known.end() ? fmt::format("did you mean {}?", *part) : "");
  }

  void add_repeatables(Phase phase) {
    for (const Repeatable& repeatable : set_.repeatables) {
      if (repeatable.phase != phase) continue;
      const HistoryEntry* last = repeatable.script->directives().on_change ? history_.find_repeatable(repeatable.id) : nullptr;
      if (last != nullptr && last->hash() == repeatable.script->hash()) continue;
      const StepKind kind = phase == Phase::pre_apply ? StepKind::pre_apply : StepKind::post_apply;
      plan_.steps.push_back({kind, repeatable.id, checked(repeatable.script), nullptr, false, last != nullptr ? std::make_shared<const HistoryRow>(last->row()) : nullptr});
    }
  }

  // A script that would run: what is wrong in it stops the command.
  ScriptPtr checked(const ScriptPtr& script) {
    const ScriptPtr result = options_.check ? options_.check(script) : script;
    failures_.insert(failures_.end(), result->problems().begin(), result->problems().end());
    if (single_transaction_ && script->directives().no_transaction)
      failures_.push_back(usage(fmt::format("{} has the directive no-transaction: it cannot be applied in a single transaction", script->file()),
                                "apply up to it without --single-transaction"));
    return result;
  }

  void refuse_if_needed() {
    if (failures_.empty()) return;
    // A wrong question is answered before a wrong state; an interrupted migration alone has an exit code of its own.
    const auto wrong = std::find_if(failures_.begin(), failures_.end(), [](const Failure& f) { return f.code == ErrorCode::usage; });
    const auto other = std::find_if(failures_.begin(), failures_.end(), [](const Failure& f) { return f.code != ErrorCode::interrupted; });
    const ErrorCode code = wrong != failures_.end() ? ErrorCode::usage : other != failures_.end() ? other->code : ErrorCode::interrupted;
    throw Error(code, std::move(failures_));
  }

  const MigrationSet& set_;
  const History& history_;
  const PlanOptions& options_;
  Plan plan_;
  std::vector<Failure> failures_;
  bool single_transaction_ = false;
};

}  // namespace

const char* name(StepKind kind) noexcept {
  switch (kind) {
    case StepKind::pre_apply: return "pre-apply";
    case StepKind::apply: return "apply";
    case StepKind::undo: return "undo";
    case StepKind::forget: return "forget";
    case StepKind::post_apply: return "post-apply";
  }
  return "";
}

bool is_repeatable(StepKind kind) noexcept { return kind == StepKind::pre_apply || kind == StepKind::post_apply; }

std::size_t Plan::migration_count() const noexcept {
  return static_cast<std::size_t>(std::count_if(steps.begin(), steps.end(), [](const Step& step) { return !is_repeatable(step.kind); }));
}

ScriptPtr kept_undo(const HistoryRow& row) {
  const auto kept = Script::make(row.id + ".undo (kept in the history)", *row.undo);
  std::vector<DirectiveProblem> ignored;  // it was looked at before it was kept
  kept->edit().directives = parse_directives(kept->text(), ignored);
  return kept;
}

Plan make_plan(const MigrationSet& set, const History& history, const Request& request, const PlanOptions& options) {
  return Planner(set, history, request, options).make();
}

}  // namespace flux
