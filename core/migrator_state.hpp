// What a Migrator holds.
#pragma once

#include <map>
#include <optional>

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
  std::unique_ptr<Backend> backend;
  std::optional<std::string> target;
  bool repeatables = true;
  // What check() made of scripts, so that planning again under the lock costs nothing.
  std::map<ScriptPtr, ScriptPtr> checked;

  State(Config c, const MigratorOptions& options);

  Backend& connected();
  History history(UndoTexts undo_texts = UndoTexts::left_out);
  // The directory, which is read by the first call of these two. With the history known, what is applied and unchanged is
  // not kept in memory, and what check_script has to say of the scripts that `look` names is found out on the way.
  enum class Look { at_none, at_pending, at_all };
  const MigrationSet& set();
  const MigrationSet& set(const History& history, Look look = Look::at_none);
  // The script with its text and with what check_script has to say of it. Throws Error{directory} where the file has
  // changed since it was read.
  ScriptPtr check(const ScriptPtr& script);
  // The same, but its text need not be there.
  ScriptPtr looked_at(const ScriptPtr& script);
  // `set` is read from the directory, and outlived by what the status refers to.
  Status status(const MigrationSet& set, History history);
  // As make_plan; failures about interrupted scripts also say what they have left behind.
  Plan plan(const Request& request, const History& history, bool fingerprint);
  // Adds a warning where scripts run in parts though they do not ask for it.
  void warn_of_parts(Plan& plan) const;
  RunContext run_context();
  // What there is to know of interrupted scripts besides the history: who may be running them, what they have left.
  std::string about_interrupted();
  // The undo script as far as it is worth keeping: null where there is none or something is wrong inside it.
  ScriptPtr usable_undo(const Migration& migration);

 private:
  void take(MigrationSet set);
  std::optional<MigrationSet> set_;
};

}  // namespace flux
