#include <flux/core/verify.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include <flux/core/hash.hpp>

namespace flux {

const char* name(FindingKind kind) noexcept {
  switch (kind) {
    case FindingKind::changed: return "changed";
    case FindingKind::missing: return "missing";
    case FindingKind::out_of_order: return "out_of_order";
    case FindingKind::interrupted: return "interrupted";
  }
  return "";
}

namespace {

// The pending migrations by the hash that a row like `missing` would have for them.
class RenamedFiles {
 public:
  RenamedFiles(const MigrationSet& set, const History& history) {
    for (const Migration& migration : set.migrations)
      if (history.find(migration.id) == nullptr) pending_.push_back(&migration);
  }

  // What a missing one was renamed to. "": not known.
  std::string find(const std::string& hash) {
    auto& known = hash.starts_with("sha256:") ? by_hash_ : by_old_hash_;
    if (known.empty())
      for (const Migration* migration : pending_) known.emplace(&known == &by_hash_ ? migration->up->hash() : hash_like(migration->up->text(), hash), migration->id);
    const auto at = known.find(hash);
    return at != known.end() ? at->second : std::string();
  }

 private:
  std::vector<const Migration*> pending_;
  std::map<std::string, std::string> by_hash_, by_old_hash_;
};

Finding interrupted(const HistoryEntry& row, const std::string& file) {
  Finding finding{FindingKind::interrupted, std::string(row.id), file, row.hash(), "", row.applied_at, ""};
  finding.state = row.state;
  finding.statements_started = row.statements_started().value_or(0);
  finding.statements_done = row.statements_done().value_or(0);
  finding.statements_total = row.statements_total().value_or(0);
  return finding;
}

bool has_changed(const HistoryEntry& row, const Script& up) {
  if (row.digest() != nullptr) return *row.digest() != up.digest();
  return !hash_matches(up.text(), row.hash());
}

Finding changed(const HistoryEntry& row, const Script& up) {
  const std::string stored = row.hash();
  const std::string current = up.text_left_out() ? up.hash() : hash_like(up.text(), stored);
  return {FindingKind::changed, std::string(row.id), up.file(), stored, current, row.applied_at, ""};
}

}  // namespace

std::vector<Finding> verify(const MigrationSet& set, const History& history) {
  std::vector<Finding> findings;
  const auto& rows = history.migrations();
  const std::string newest(rows.empty() ? std::string_view() : rows.back().id);

  auto row = rows.begin();
  auto migration = set.migrations.begin();
  // Both are sorted by id: one pass over their union.
  while (row != rows.end() || migration != set.migrations.end()) {
    const bool only_row = migration == set.migrations.end() || (row != rows.end() && row->id < migration->id);
    const bool only_file = !only_row && (row == rows.end() || migration->id < row->id);
    if (only_file) {
      if (migration->id < newest)
        findings.push_back({FindingKind::out_of_order, std::string(migration->id), migration->up->file(), "", "", {}, newest});
      ++migration;
      continue;
    }
    if (is_interrupted(row->state)) {
      const Script* stopped = only_row ? nullptr : row->state == RowState::undo_interrupted ? migration->undo.get() : migration->up.get();
      findings.push_back(interrupted(*row, stopped != nullptr ? stopped->file() : ""));
    } else if (only_row) {
      // A file that could not be read is a problem of the directory, which says more about it.
      const bool unread = std::binary_search(set.unread.begin(), set.unread.end(), row->id);
      if (!unread) findings.push_back({FindingKind::missing, std::string(row->id), "", row->hash(), "", row->applied_at, ""});
    } else if (has_changed(*row, *migration->up)) {
      findings.push_back(changed(*row, *migration->up));
    }
    if (!only_row) ++migration;
    ++row;
  }
  for (const HistoryEntry& repeatable : history.repeatables())
    if (is_interrupted(repeatable.state)) findings.push_back(interrupted(repeatable, ""));
  RenamedFiles renamed(set, history);
  for (Finding& finding : findings)
    if (finding.kind == FindingKind::missing) finding.other_id = renamed.find(finding.stored_hash);
  return findings;
}

namespace {

std::string interrupted_message(const Finding& finding) {
  // The row of an undo has the time at which the migration was applied.
  const std::string start = finding.state == RowState::undo_interrupted
                                ? fmt::format("the undo of {} was interrupted", finding.id)
                                : fmt::format("{} was interrupted on {}", finding.id, iso8601(finding.applied_at));
  if (finding.statements_total == 0) return start + " and may be half done";
  const bool in_doubt = finding.statements_started > finding.statements_done;
  return fmt::format("{}: it stopped {} statement {} of {}", start, in_doubt ? "in" : "before",
                     finding.statements_done + 1, finding.statements_total);
}

}  // namespace

Failure failure(const Finding& finding) {
  Failure f;
  f.code = ErrorCode::history;
  f.migration_id = finding.id;
  if (!finding.file.empty()) f.where = SourcePosition{finding.file, 0, 0, ""};
  switch (finding.kind) {
    case FindingKind::changed:
      f.message = finding.id + " has changed since it was applied on " + iso8601(finding.applied_at);
      f.detail = "applied: " + finding.stored_hash + "\nnow:     " + finding.current_hash;
      f.hint = "restore the file as it was when applied, and put the change into a new migration; `flux accept " + finding.id +
               "` shows the difference and takes it as it is";
      break;
    case FindingKind::missing:
      f.message = finding.id + " was applied on " + iso8601(finding.applied_at) + ", but its file is missing";
      f.hint = finding.other_id.empty() ? "restore the file, or check that this is the right checkout and the right database"
                                        : finding.other_id + " has its text: if it was renamed, give it back its old name";
      break;
    case FindingKind::out_of_order:
      f.message = finding.id + " is pending, but sorts before " + finding.other_id + ", which is applied";
      f.hint = "rename it so that it comes last, or run `flux apply --allow-out-of-order`";
      break;
    case FindingKind::interrupted:
      f.code = ErrorCode::interrupted;
      f.detail = finding.detail;
      f.message = interrupted_message(finding);
      f.hint = fmt::format("look at what is there; `flux resolve {} --resume{}` runs the rest, `--applied` and `--not-applied` say where it stands",
                           finding.id, finding.statements_started > finding.statements_done ? " --statement-done` or `--statement-redo" : "");
      break;
  }
  return f;
}

}  // namespace flux
