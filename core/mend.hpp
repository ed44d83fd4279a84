// What people do to the history by hand, as values: see Migrator::resolve, accept and baseline.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <flux/core/error.hpp>
#include <flux/core/history.hpp>

namespace flux {

// A script without a transaction that stopped half way.
struct InterruptedScript {
  std::string id;
  HistoryRow row;
  std::string file;       // "": its file is gone, and the history keeps no copy
  std::size_t done = 0, total = 0;
  bool in_doubt = false;  // the statement behind those that are done was started, and may be done as well
  std::optional<SourcePosition> where;  // of that statement in the file as it is now
  std::string statement;                // its text there
  std::vector<std::string> leftovers;   // what failed statements have left in the target, a line each
};

enum class Resolution {
  resume,       // run the rest
  applied,      // the migration is to count as applied; nothing is run
  not_applied,  // it is to count as not applied; nothing is run
};
struct ResolveRequest {
  std::string id;
  Resolution how = Resolution::resume;
  std::optional<bool> doubtful_done;  // resume: whether the statement in doubt is done; else it runs again
};

// Throws Error{interrupted} where a statement is in doubt and `request` does not say what of it, Error{usage} where it says
// so of none.
void require_answer(const InterruptedScript& stopped, const ResolveRequest& request);

// An applied migration whose file has another text now.
struct ChangedMigration {
  std::string id, file;
  std::string stored_hash, current_hash;
  Timestamp applied_at{};
  std::optional<std::string> applied_text;  // where the history keeps it
  std::string current_text;
};

}  // namespace flux
