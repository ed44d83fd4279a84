// What the tests of this folder share: a project on a database, flux running beside the test, and ways to look.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "child.hpp"
#include "project.hpp"

namespace flux::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

// A fresh database of this program's server and a project for it.
struct PostgresScene {
  explicit PostgresScene(const std::string& settings = "", const std::string& backend_settings = "")
      : project(*database, settings, backend_settings) {}

  std::string name() const { return database->uri().substr(database->uri().rfind('/') + 1); }
  std::string run(const std::string& sql) const { return database->run(sql); }

  std::unique_ptr<Database> database = new_postgres();
  Project project;
};

// Starts flux with these arguments in the project's folder.
std::unique_ptr<Child> start_flux(const Project& project, const std::vector<std::string>& arguments,
                                  ProcessOptions options = {});

// Asks again and again until `is` holds; false where that takes longer than `limit`.
bool eventually(const std::function<bool()>& is, std::chrono::milliseconds limit = std::chrono::seconds(30));

// How many sessions of the database, but the one that asks, are in `state` and hold `part` in their last query.
int sessions_with(const Database& database, const std::string& part, const std::string& state = "active");

bool contains(const std::string& text, const std::string& part);

// The ids of the history that are applied, by id, with a blank between them; "" where there is no history.
std::string history_of(const Database& database);

// Whether there is a table, view or index of this name.
bool has_relation(const Database& database, const std::string& name);

// Ends everyone else's sessions of a PostgreSQL database and waits until they are gone.
void end_sessions(const Database& database);
// Waits until nobody else has a session of the database; false where somebody stays.
bool alone(const Database& database, std::chrono::milliseconds limit = std::chrono::seconds(10));

}  // namespace flux::testing
