// The whole of flux for a C++ program: a project and its target.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <flux/core/backend.hpp>
#include <flux/core/backend_search.hpp>
#include <flux/core/config.hpp>
#include <flux/core/history.hpp>
#include <flux/core/log.hpp>
#include <flux/core/migration_set.hpp>
#include <flux/core/plan.hpp>
#include <flux/core/report.hpp>
#include <flux/core/verify.hpp>

namespace flux {

struct MigratorOptions {
  BackendSearch search;
  Log log = Log::silent();
};

// What `flux status` shows.
struct MigrationStatus {
  std::string id;
  std::string state;  // "applied", "pending", "interrupted", "changed" or "missing"
  bool has_undo = false;
  bool out_of_order = false;
  std::optional<HistoryRow> row;  // of an applied one
};
struct Status {
  std::string target;  // as the backend describes it
  std::vector<MigrationStatus> migrations;  // by id
  std::vector<Finding> findings;
  std::vector<Failure> problems;  // of the directory and inside scripts
  std::vector<std::string> warnings;
  std::size_t applied = 0, pending = 0;
};

// What `flux validate` adds to the status: problems of scripts that the next apply would run, and of all others.
struct ScriptProblems {
  std::vector<Failure> failures;
  std::vector<std::string> warnings;
};

// A project: its configuration, its directory (read when constructed), its backend (loaded then) and a connection to
// its target (made by the first call that needs it). Not for use by two threads at once.
//
//     flux::Migrator migrator(flux::load_config({}), {});
//     migrator.run(migrator.plan(flux::ApplyRequest{.count = 1}));
class Migrator {
 public:
  // Throws Error{config|backend}. Problems of the directory are kept in migrations().
  Migrator(Config config, MigratorOptions options);
  ~Migrator();
  Migrator(Migrator&&) noexcept;

  const Config& config() const noexcept;
  const BackendInfo& backend() const noexcept;
  const MigrationSet& migrations() const noexcept;
  // The connected target in words, without secrets.
  std::string target();

  // These read only: nothing is written, created or locked.
  History history();
  Status status();
  // What is wrong inside the scripts of the directory.
  ScriptProblems script_problems();
  // Throws as make_plan does.
  Plan plan(const Request& request);

  // Runs what was planned: takes the lock, reads the history again and plans again. What another run has done meanwhile
  // drops out; anything that `plan` does not show is refused with Error{history}. A failing migration is not thrown but
  // in the report. Throws Error{lock_timeout|connection|...} where nothing could be started.
  Report run(const Plan& plan, Observer& observer);
  Report run(const Plan& plan);

 private:
  Plan replan(const Plan& shown);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flux
