// Whether the directory and the history agree.
#pragma once

#include <string>
#include <vector>

#include <flux/core/history.hpp>
#include <flux/core/migration_set.hpp>

namespace flux {

enum class FindingKind {
  changed,       // an applied file has another hash now
  missing,       // an applied file is not there
  out_of_order,  // a pending id sorts before the newest applied one
  interrupted,   // a script without a transaction stopped half way: the up or undo script of a migration, or a repeatable
};
const char* name(FindingKind kind) noexcept;  // "out_of_order"

struct Finding {
  FindingKind kind;
  std::string id;
  std::string file;          // changed, out_of_order, interrupted: its up script
  std::string stored_hash;   // changed
  std::string current_hash;  // changed, in the form of stored_hash
  Timestamp applied_at{};    // changed, missing, interrupted
  std::string other_id;      // out_of_order: the newest applied one; missing: a pending one with the same text, if any
  RowState state = RowState::applied;                             // interrupted: what was
  std::int64_t statements_started = 0, statements_done = 0, statements_total = 0;  // interrupted
  std::string detail = {};   // interrupted: what else is known of it
};

// Every finding, by id.
std::vector<Finding> verify(const MigrationSet& set, const History& history);

// The finding in words, with what to do next. Its code is history or interrupted.
Failure failure(const Finding& finding);

}  // namespace flux
