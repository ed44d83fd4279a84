// A database whose schema is looked at and changed.
#pragma once

#include <doctest/doctest.h>

#include <flux/core/backend.hpp>
#include <flux/core/schema/change_plan.hpp>
#include <flux/core/schema/diff.hpp>
#include <flux/core/schema/schema.hpp>
#include <memory>
#include <string>
#include <vector>

#include "postgres_server.hpp"

namespace flux::testing {

// The server of this test program, started when first asked for.
PostgresServer& server();
// Stops it; called by main.
void end_server();

// A fresh database.
class Database {
 public:
  Database();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& name() const { return name_; }
  std::string uri() const { return server().socket_uri(name_); }
  // The first value of the last result, over a connection of its own. Throws std::runtime_error.
  std::string run(const std::string& sql) const { return server().run(name_, sql); }
  // Runs a file of definitions, which may be empty.
  void load(const std::string& file) const {
    if (!file.empty()) run(file);
  }
  // Each step in a message of its own. Throws std::runtime_error with the statement that failed.
  void run(const std::vector<PlannedStep>& steps) const;

  Schema inspect() const;
  // What pg_dump -s says, its statements sorted, the lines of each table sorted, too: columns have no place.
  std::vector<std::string> dump() const;

 private:
  std::string name_;
};

// An instance of the backend, not connected.
std::unique_ptr<Backend> backend();

// The statements from one schema to another.
std::vector<PlannedStep> plan(const Schema& from, const Schema& to, bool online = false);

// Loads the files that `flux inspect --out` writes of `schema` into an empty database, as the resources of a project.
// Returns them. Throws flux::Error.
std::string load_files(const Schema& schema, Backend& into);

// For messages: the statements with their hazards and remarks, and the differences of two schemas.
std::string text(const std::vector<PlannedStep>& steps);
std::string difference_text(const Schema& from, const Schema& to);
std::string difference_text(const std::vector<std::string>& from, const std::vector<std::string>& to);

}  // namespace flux::testing
