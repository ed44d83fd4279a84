#include "database.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <flux/core/schema/file_layout.hpp>
#include <stdexcept>

namespace flux::testing {
namespace {

const ShadowMaker& maker() {
  static const ShadowMaker one = [] {
    ShadowMaker out{BackendLibrary::load(FLUX_TEST_BACKEND_FILE, "sqlite"), Config(), Log::silent()};
    out.config.backend = "sqlite";
    return out;
  }();
  return one;
}

// Knows no database: only says what is to be done.
Backend& unconnected() {
  static Backend backend(maker().library, maker().config, Log::silent());
  return backend;
}

}  // namespace

Database::Database() : shadow_(maker()) {
  const std::string& uri = shadow_.uri().secret_text();
  const std::string name = "file:/" + uri.substr(uri.find('=') + 1) + "?vfs=memdb";
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI;
  if (sqlite3_open_v2(name.c_str(), &handle, flags, nullptr) != SQLITE_OK) throw std::runtime_error("cannot open " + name);
  handle_.reset(handle);
}

void Database::load(const std::string& definitions) {
  const ScriptPtr file = Script::make("definitions.sql", definitions);
  const auto statements = backend().split(*file);
  for (const ScriptStatement& s : statements.value()) backend().load(*file, {s.offset, s.length});
}

std::string Database::problems() {
  std::string out;
  for (const auto& [fact, message] : backend().check_loaded()) out += (out.empty() ? "" : "\n") + words(fact) + ": " + message;
  return out;
}

void Database::migrate(const std::string& text) {
  const ScriptPtr file = Script::make("migration.sql", text);
  backend().begin();
  try {
    backend().apply("migration", *file);
    backend().commit();
  } catch (const Error&) {
    backend().rollback();
    throw;
  }
}

void Database::run(const std::string& sql) {
  char* message = nullptr;
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, &message) == SQLITE_OK) return;
  const std::string text = message;
  sqlite3_free(message);
  throw std::runtime_error(text + " in " + sql);
}

std::string Database::ask(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_.get(), sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(handle_.get()) + (" in " + sql));
  std::string out;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    if (!out.empty()) out += '\n';
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      if (i > 0) out += '|';
      const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      const bool is_text = sqlite3_column_type(statement, i) == SQLITE_TEXT;
      out += value == nullptr ? "NULL" : (is_text ? "'" + std::string(value) + "'" : std::string(value));
    }
  }
  sqlite3_finalize(statement);
  return out;
}

std::vector<PlannedStep> way(const Schema& from, const Schema& to) {
  return plan_change(from, to, [](const SchemaChange& change) { return unconnected().change(change); });
}

std::string script(const std::vector<PlannedStep>& steps) { return statements_text(steps); }

std::vector<PlannedStep> bring(Database& database, const std::string& definitions) {
  Database wanted(definitions);
  const Schema to = wanted.inspect();
  std::vector<PlannedStep> steps = way(database.inspect(), to);
  INFO(script(steps));
  database.migrate(script(steps));
  CHECK(described(database.inspect()) == described(to));
  CHECK(way(database.inspect(), to).empty());
  CHECK(database.ask("PRAGMA integrity_check") == "'ok'");
  return steps;
}

std::string described(const Schema& schema) {
  std::vector<std::string> lines;
  for (const Fact& fact : schema.facts()) {
    std::string line = words(fact.name) + ": " + fact.definition;
    for (const auto& [key, value] : fact.properties) line += " {" + key + ": " + value + "}";
    lines.push_back(line + (fact.part ? " part" : "") + (fact.unmodelled ? " unmodelled" : ""));
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

std::string described(const Schema& schema, const FactRef& name) {
  const Fact* fact = schema.find(name);
  if (fact == nullptr) return {};
  std::string out = fact->definition;
  for (const auto& [key, value] : fact->properties) out += " {" + key + ": " + value + "}";
  return out;
}

unsigned hazards(const std::vector<PlannedStep>& steps) {
  unsigned out = 0;
  for (const PlannedStep& step : steps) out |= step.step.hazards;
  return out;
}

std::string remarks(const std::vector<PlannedStep>& steps) {
  std::string out;
  for (const PlannedStep& step : steps)
    if (!step.step.remark.empty()) out += step.step.remark + "\n";
  return out;
}

}  // namespace flux::testing
