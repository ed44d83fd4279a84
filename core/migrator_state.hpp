// What a Migrator holds.
#pragma once

#include <map>

#include <flux/core/migrator.hpp>

#include "run_context.hpp"

namespace flux {

// Holds the migration lock until destroyed. `backend` must outlive it.
class MigrationLock {
 public:
  MigrationLock(Backend& backend, std::chrono::milliseconds timeout, const Log& log);
  ~MigrationLock();
  MigrationLock(const MigrationLock&) = delete;
  MigrationLock& operator=(const MigrationLock&) = delete;

 private:
  Backend& backend_;
  const Log& log_;
};

struct Migrator::State {
  Config config;
  Log log;
  std::shared_ptr<const BackendLibrary> library;
  MigrationSet set;
  std::unique_ptr<Backend> backend;
  std::optional<std::string> target;
  // What check_script made of each script, so that planning again under the lock costs nothing.
  std::map<ScriptPtr, ScriptPtr> checked;

  State(Config c, const MigratorOptions& options);

  Backend& connected();
  History history();
  ScriptPtr check(const ScriptPtr& script);
  // As make_plan; failures about interrupted scripts also say what they have left behind.
  Plan plan(const Request& request, const History& history);
  RunContext run_context();
  // What there is to know of interrupted scripts besides the history: who may be running them, what they have left.
  std::string about_interrupted();
  // The undo script as far as it is worth keeping: null where there is none or something is wrong inside it.
  ScriptPtr usable_undo(const Migration& migration);
};

}  // namespace flux
