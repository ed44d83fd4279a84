// Brings a database to a schema without migrations.
#pragma once

#include <functional>

#include <flux/core/schema/schema_project.hpp>

namespace flux {

// Statements that stand or fall together.
struct StepGroup {
  std::size_t first = 0, count = 0;  // of the steps
  bool in_transaction = true;
};

// One group where the database allows it; what cannot be in a transaction is one by itself, and what must be committed
// before the next statement ends one.
std::vector<StepGroup> step_groups(const std::vector<PlannedStep>& steps);

// What ran of a plan.
struct SyncReport {
  std::size_t done = 0;            // statements, committed
  std::vector<Failure> failures;   // empty: all went well
  std::chrono::milliseconds duration{0};
};

// Runs `changes`, made of the target of `config`, under the migration lock. Throws Error{history} where the database is no
// longer as it was looked at, Error{lock_timeout|connection|...} where nothing could be started, Error{backend} where
// something differs and there is no statement for it. A group that fails leaves nothing of it, and is tried again where
// somebody else's lock was in the way; those before it stay, and the failure says so.
class SchemaSync {
 public:
  explicit SchemaSync(SchemaProject& project);

  std::string target();
  // A database that is not there yet is empty, where the backend makes it with the first statement.
  Schema inspect();
  // Whether it was not there when it was last inspected.
  bool makes_database() const noexcept { return makes_database_; }
  // `settle`: makes the changes again from what is inspected under the lock.
  SyncReport run(const SchemaChanges& shown, const std::function<SchemaChanges(Schema)>& settle);
  // From another thread.
  void cancel() noexcept { backend_.request_cancel(); }

 private:
  void run(const StepGroup& group, const std::vector<PlannedStep>& steps);

  SchemaProject& project_;
  Backend backend_;
  bool makes_database_ = false;
};

// Throws Error{backend} naming what differs where there is no statement for any of it.
void require_statements(const SchemaProject& project, const SchemaChanges& changes);

}  // namespace flux
