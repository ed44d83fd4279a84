// What a command would do: computed from the directory and the history, without I/O.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <flux/core/history.hpp>
#include <flux/core/migration_set.hpp>

namespace flux {

// How far to apply. Neither count nor to: everything.
struct ApplyRequest {
  std::optional<std::size_t> count;
  std::optional<std::string> to;  // that one included
  bool single_transaction = false;
  bool allow_out_of_order = false;
  bool operator==(const ApplyRequest&) const = default;
};

// How far to roll back: exactly one of count, to (that one included) and all.
struct RollbackRequest {
  std::optional<std::size_t> count;
  std::optional<std::string> to;
  bool all = false;
  bool no_repeatable = false;
  bool forget_missing_undo = false;
  bool operator==(const RollbackRequest&) const = default;
};
using Request = std::variant<ApplyRequest, RollbackRequest>;

enum class StepKind {
  pre_apply,   // run a repeatable before the batch
  apply,       // run an up script and add its history row
  undo,        // run an undo script and remove the history row
  forget,      // remove the history row alone (--forget-missing-undo)
  post_apply,  // run a repeatable after the batch
};
const char* name(StepKind kind) noexcept;  // "pre-apply", "apply", "undo", "forget", "post-apply"
bool is_repeatable(StepKind kind) noexcept;

struct Step {
  StepKind kind;
  std::string_view id;              // lives as long as `script` or `row`, one of which it has
  ScriptPtr script;                 // null for forget
  ScriptPtr undo;                   // apply: what the history keeps; else null
  bool undo_from_history = false;   // undo: its file is gone, the history's copy runs
  std::shared_ptr<const HistoryRow> row = nullptr;  // undo, forget, a repeatable that ran before: as it stands in the history
};

struct Plan {
  Request request;
  std::vector<Step> steps;           // in the order in which they run
  std::vector<std::string> warnings;
  std::size_t pending = 0;           // migrations that are pending now, planned or not
  std::size_t applied = 0;           // migrations that are applied now
  std::string history_fingerprint;   // of the history that it was made from; "": not asked for
  bool exact = false;                // made elsewhere and approved: refused where the history has another fingerprint

  bool is_rollback() const noexcept { return std::holds_alternative<RollbackRequest>(request); }
  // The steps that apply, undo or forget a migration: all but repeatables.
  std::size_t migration_count() const noexcept;
};

// What make_plan needs besides.
struct PlanOptions {
  bool apply_repeatable_on_undo = true;
  bool fingerprint = false;  // for a plan that is to be kept, or compared with one that was
  // Looks into a script that would run, and gives it back with what was found (see check_script). Empty: not looked at.
  std::function<ScriptPtr(const ScriptPtr&)> check = {};
};

// The steps for `request`. Throws Error{history|interrupted|directory|usage} with everything that stands against it:
// findings of verify, problems of the directory and of the scripts it would run, an unknown id, a missing undo.
// To roll back takes a history with its undo texts.
Plan make_plan(const MigrationSet& set, const History& history, const Request& request, const PlanOptions& options);

// The undo script that the history keeps with `row`, which must have one.
ScriptPtr kept_undo(const HistoryRow& row);

}  // namespace flux
