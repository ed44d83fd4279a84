// What the tests of schemas on SQLite share: databases, and the way from one to another.
#pragma once

#include <sqlite3.h>

#include <flux/core/schema/change_plan.hpp>
#include <flux/core/schema/shadow.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flux::testing {

// A database in memory, used through the backend and past it.
class Database {
 public:
  Database();
  // With these definitions.
  explicit Database(const std::string& definitions) : Database() { load(definitions); }

  Backend& backend() { return shadow_.backend(); }
  void load(const std::string& definitions);
  // What is wrong with what was loaded: "view v: no such table: main.t", a line each.
  std::string problems();
  // As `flux apply` runs a migration: in a transaction, foreign keys checked behind it.
  void migrate(const std::string& script);
  Schema inspect() { return backend().inspect(); }

  // Past the backend.
  void run(const std::string& sql);
  // The rows, columns joined by "|", rows by a line feed; texts in quotes, as quote() has them.
  std::string ask(const std::string& sql);

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  Shadow shadow_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// The way of the backend from one schema to another.
std::vector<PlannedStep> way(const Schema& from, const Schema& to);
// Its statements as a script.
std::string script(const std::vector<PlannedStep>& steps);
// Brings `database` to what `definitions` say, as a migration, and checks that nothing is left to be done. What was run.
std::vector<PlannedStep> bring(Database& database, const std::string& definitions);

// Every fact with all that counts for being equal, a line each, sorted.
std::string described(const Schema& schema);
// What `fact` says: definition and properties; "" where there is none.
std::string described(const Schema& schema, const FactRef& fact);
// All hazards of the steps, and their remarks, a line each.
unsigned hazards(const std::vector<PlannedStep>& steps);
std::string remarks(const std::vector<PlannedStep>& steps);

}  // namespace flux::testing
