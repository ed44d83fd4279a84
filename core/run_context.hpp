// What everything that writes to the target in one run shares.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <flux/core/backend.hpp>
#include <flux/core/log.hpp>

namespace flux {

struct RunContext {
  Backend& backend;
  const Log& log;
  std::string name_space;
  std::string applied_by;  // who runs it
  std::string run_id;      // of this run and no other: by it a run finds its own rows again
  int lock_retries = 0;
  bool batch = false;      // the backend gets many migrations at once
  bool takes_all_back = true;  // a rollback of the backend takes back everything: FLUX_CAP_TRANSACTIONAL_DDL
};

// A new run id: 32 hex digits.
std::string make_run_id();

// Throws Error{cancelled} where the user wants to stop.
void stop_if_cancelled(const RunContext& context);

// "user@host" of this process.
std::string current_user();

// The row for a script that has been run by this run: its hash, texts, who and with what. `undo` may be null.
HistoryRow make_row(const RunContext& context, std::string_view id, const Script& script, const Script* undo);

}  // namespace flux
