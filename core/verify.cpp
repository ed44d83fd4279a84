#include <flux/core/verify.hpp>

#include <algorithm>

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

// The pending migration whose text has this hash: what a missing one was renamed to. "": none.
std::string pending_with(const MigrationSet& set, const History& history, const std::string& hash) {
  for (const Migration& migration : set.migrations)
    if (history.find(migration.id) == nullptr && (migration.up->hash == hash || hash_matches(migration.up->text, hash))) return migration.id;
  return "";
}

}  // namespace

std::vector<Finding> verify(const MigrationSet& set, const History& history) {
  std::vector<Finding> findings;
  const auto& rows = history.migrations();
  const std::string newest = rows.empty() ? std::string() : rows.back().id;

  auto row = rows.begin();
  auto migration = set.migrations.begin();
  // Both are sorted by id: one pass over their union.
  while (row != rows.end() || migration != set.migrations.end()) {
    const bool only_row = migration == set.migrations.end() || (row != rows.end() && row->id < migration->id);
    const bool only_file = !only_row && (row == rows.end() || migration->id < row->id);
    if (only_file) {
      if (migration->id < newest)
        findings.push_back({FindingKind::out_of_order, migration->id, migration->up->file, "", "", {}, newest});
      ++migration;
      continue;
    }
    const std::string file = only_row ? std::string() : migration->up->file;
    if (row->state == RowState::interrupted)
      findings.push_back({FindingKind::interrupted, row->id, file, row->hash, "", row->applied_at, ""});
    else if (only_row && std::binary_search(set.unread.begin(), set.unread.end(), row->id))
      ;  // a problem of the directory says more about it
    else if (only_row)
      findings.push_back({FindingKind::missing, row->id, "", row->hash, "", row->applied_at, ""});
    else if (row->hash != migration->up->hash && !hash_matches(migration->up->text, row->hash))
      findings.push_back({FindingKind::changed, row->id, file, row->hash, hash_like(migration->up->text, row->hash),
                          row->applied_at, ""});
    if (!only_row) ++migration;
    ++row;
  }
  for (Finding& finding : findings)
    if (finding.kind == FindingKind::missing) finding.other_id = pending_with(set, history, finding.stored_hash);
  return findings;
}

Failure failure(const Finding& finding) {
  Failure f;
  f.code = ErrorCode::history;
  f.migration_id = finding.id;
  if (!finding.file.empty()) f.where = SourcePosition{finding.file, 0, 0, ""};
  switch (finding.kind) {
    case FindingKind::changed:
      f.message = finding.id + " has changed since it was applied on " + iso8601(finding.applied_at);
      f.detail = "applied: " + finding.stored_hash + "\nnow:     " + finding.current_hash;
      f.hint = "restore the file as it was when applied, and put the change into a new migration";
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
      f.message = finding.id + " was interrupted on " + iso8601(finding.applied_at) + " and may be half applied";
      f.hint = "look at what is there, then say so with `flux resolve " + finding.id + "`";
      break;
  }
  return f;
}

}  // namespace flux
