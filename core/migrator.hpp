// The whole of flux for a C++ program: a project and its target.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flux/core/backend.hpp>
#include <flux/core/backend_search.hpp>
#include <flux/core/config.hpp>
#include <flux/core/history.hpp>
#include <flux/core/log.hpp>
#include <flux/core/mend.hpp>
#include <flux/core/migration_set.hpp>
#include <flux/core/plan.hpp>
#include <flux/core/report.hpp>
#include <flux/core/verify.hpp>

namespace flux {

struct MigratorOptions {
  BackendSearch search;
  Log log = Log::silent();
  bool repeatables = true;  // false: as if the directory had none
};

struct RunContext;

enum class MigrationState : std::uint8_t {
  applied,
  pending,
  interrupted,
  changed,  // applied, with another text
  missing,  // applied, its file is not there
};
const char* name(MigrationState state) noexcept;  // "applied"

// What `flux status` shows.
struct MigrationStatus {
  std::string_view id;
  const HistoryEntry* row = nullptr;  // of an applied one
  MigrationState state = MigrationState::pending;
  bool has_undo = false;
  bool out_of_order = false;
};
struct Status {
  std::string target;  // as the backend describes it
  std::shared_ptr<const History> history;   // what `migrations` refers to
  std::shared_ptr<const void> ids;          // likewise
  std::vector<MigrationStatus> migrations;  // by id
  std::vector<Finding> findings;
  std::vector<Failure> problems;  // of the directory and inside scripts
  std::vector<std::string> warnings;
  std::size_t applied = 0, interrupted = 0, pending = 0;
};

// What `flux validate` adds to the status: problems of scripts that the next apply would run, and of all others.
struct Validation {
  Status status;
  std::vector<Failure> failures;
  std::vector<std::string> warnings;
};

// A project: its configuration, its backend (loaded when constructed), a connection to its target and its directory (made
// and read by the first call that needs them). Not for use by two threads at once, but for cancel().
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
  const MigrationSet& migrations() const;
  // The connected target in words, without secrets.
  std::string target();

  // These read only: nothing is written, created or locked. The history is without the undo texts.
  History history();
  Status status();
  // The status, and what is wrong inside the scripts of the directory.
  Validation validate();
  // Throws as make_plan does. With the history's fingerprint where asked for.
  Plan plan(const Request& request, bool fingerprint = false);
  // The same to be run: a script that only seems interrupted, being under way in another run, is waited for as long as
  // for the lock.
  Plan plan_to_run(const Request& request, bool fingerprint = false);

  // Runs what was planned: takes the lock, reads the history again and plans again. What another run has done meanwhile
  // drops out; anything that `plan` does not show is refused with Error{history}. A failing migration is not thrown but
  // in the report. Throws Error{lock_timeout|connection|...} where nothing could be started.
  Report run(const Plan& plan, Observer& observer);
  Report run(const Plan& plan);

  // What has been applied, by id, then the repeatables: as the history kept it where the file is another now. Throws
  // Error{history} for one whose script is neither here nor there.
  struct AppliedScript {
    std::string id;  // of a repeatable: with its folder
    std::string text;
  };
  std::vector<AppliedScript> applied_scripts();

  // The only function that another thread may call while another one runs. What is running on the target is ended and
  // rolled back, nothing more is begun; the running call reports or throws Error{cancelled}. A commit that was sent is
  // waited for. To be called again and again until then: a request can come between two calls of the database.
  void cancel() noexcept;

  // Mending. Each change takes the lock, is refused with Error{history} where the history is no longer as it was looked at,
  // and leaves a note of who made it and when in the row.

  // The script of `id` that stopped half way; `id` of a repeatable with its folder. Throws Error{usage} where none did.
  InterruptedScript interrupted(const std::string& id);
  // Ends that state. Throws Error{interrupted} where a statement is in doubt and the request does not say what of it,
  // Error{history} where statements that are done have been changed in the file since.
  Report resolve(const InterruptedScript& script, const ResolveRequest& request, Observer& observer);

  // The applied migrations among `ids` (none: all) whose files have changed. Throws Error{usage} for one that has not.
  std::vector<ChangedMigration> changed(const std::vector<std::string>& ids);
  // Makes what the files are now what counts as applied. Runs nothing.
  void accept(const std::vector<ChangedMigration>& migrations);

  // The pending migrations up to `id`, that one included. Throws Error{usage} where there is no such migration.
  std::vector<std::string> pending_up_to(const std::string& id);
  // Records them as applied. Runs nothing.
  void baseline(const std::vector<std::string>& ids);

  // Who holds the migration lock; nullopt: nobody. Throws Error{backend} where the backend cannot tell.
  std::optional<std::string> lock_holder();
  // Ends the session that holds it, if that is still `holder`: its run commits nothing more. Throws Error{backend} where that cannot be done.
  void break_lock(const std::string& holder);

 private:
  Plan replan(const Plan& shown);
  struct Stopped;
  Stopped stopped(const InterruptedScript& shown, const RunContext& context);
  Report resume(const Stopped& stopped, const ResolveRequest& request, const RunContext& context, Observer& observer);
  static Report settle(const Stopped& stopped, Resolution how, const RunContext& context);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flux
