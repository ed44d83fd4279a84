// What led to the database as it should be.
#include <fmt/core.h>

#include <flux/core/hash.hpp>

#include "migrator_state.hpp"

namespace flux {

std::vector<Migrator::AppliedScript> Migrator::applied_scripts() {
  const MigrationSet& set = state_->set();
  const History history = state_->history();
  std::vector<AppliedScript> out;
  for (const HistoryEntry& row : history.migrations()) {
    if (is_interrupted(row.state)) {
      Failure f;
      f.code = ErrorCode::interrupted;
      f.message = fmt::format("{} has stopped half way, so it is not known what the database should be", row.id);
      f.migration_id = row.id;
      f.hint = fmt::format("run `flux resolve {}` first", row.id);
      throw Error(std::move(f));
    }
    const Migration* migration = set.find(row.id);
    if (migration != nullptr && hash_matches(migration->up->text(), row.hash())) {
      out.push_back({std::string(row.id), std::string(migration->up->text())});
      continue;
    }
    auto kept = state_->connected().read_script(state_->config.name_space, row.id);
    if (!kept) {
      Failure f;
      f.code = ErrorCode::history;
      f.message = fmt::format("the script of {} as it was applied is neither in {} nor in the history", row.id, set.directory);
      f.migration_id = row.id;
      f.hint = "put its file back, or take the one that is there with `flux accept`";
      throw Error(std::move(f));
    }
    out.push_back({std::string(row.id), std::move(*kept)});
  }
  if (out.empty()) return out;
  for (const Repeatable& repeatable : set.repeatables) out.push_back({std::string(repeatable.id), std::string(repeatable.script->text())});
  return out;
}

}  // namespace flux
