#include "database.hpp"

#include <algorithm>
#include <atomic>
#include <flux/core/schema/file_layout.hpp>
#include <flux/core/schema/resources.hpp>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>

#include "run_process.hpp"
#include "temp_dir.hpp"

namespace flux::testing {
namespace {

std::unique_ptr<PostgresServer> running;

bool says_something(const std::string& line) {
  return !line.empty() && line.rfind("--", 0) != 0 && line.rfind("\\", 0) != 0;
}

// Storage parameters stand in the order in which they were set.
std::string with_sorted_options(std::string statement) {
  for (std::size_t at = statement.find("WITH ("); at != std::string::npos; at = statement.find("WITH (", at + 6)) {
    const std::size_t begin = at + 6, end = statement.find(')', begin);
    std::vector<std::string> items;
    std::istringstream in(statement.substr(begin, end - begin));
    for (std::string item; std::getline(in, item, ',');) items.push_back(item.substr(item.find_first_not_of(' ')));
    std::sort(items.begin(), items.end());
    std::string sorted;
    for (const std::string& item : items) sorted += (sorted.empty() ? "" : ", ") + item;
    statement.replace(begin, end - begin, sorted);
  }
  return statement;
}

// The lines of CREATE TABLE, without the commas at their ends.
std::string without_order(const std::string& statement) {
  if (statement.rfind("CREATE TABLE", 0) != 0 && statement.rfind("CREATE UNLOGGED TABLE", 0) != 0) return statement;
  std::vector<std::string> lines;
  std::istringstream in(statement);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == ',') line.pop_back();
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) out += line + '\n';
  return out;
}

}  // namespace

PostgresServer& server() {
  static std::mutex mutex;
  const std::lock_guard guard(mutex);
  if (!running) running = std::make_unique<PostgresServer>(std::vector<std::string>{"wal_level = logical"});
  return *running;
}

void end_server() { running.reset(); }

Database::Database() {
  static std::atomic<int> made = 0;
  name_ = "schema_" + std::to_string(++made);
  server().run("postgres", "CREATE DATABASE " + name_ + " TEMPLATE template0");
}

Database::~Database() {
  try {
    server().run("postgres", "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {
    // It goes with the server.
  }
}

void Database::run(const std::vector<PlannedStep>& steps) const {
  for (const PlannedStep& step : steps) {
    try {
      run(step.step.sql);
    } catch (const std::exception& e) {
      throw std::runtime_error(std::string(e.what()) + "\n  in: " + step.step.sql);
    }
  }
}

std::unique_ptr<Backend> backend() {
  static const auto library = BackendLibrary::load(FLUX_POSTGRES_BACKEND, "postgres");
  return std::make_unique<Backend>(library, Config{}, Log::silent());
}

Schema Database::inspect() const {
  const auto connected = backend();
  connected->connect(Uri(uri()));
  return connected->inspect();
}

std::vector<std::string> Database::dump() const {
  const auto program = (server().programs() / "pg_dump").string();
  const ProcessResult result = run_process({program, "-s", "-d", uri()});
  if (result.exit_code != 0) throw std::runtime_error(result.err);
  std::vector<std::string> out;
  std::string statement;
  std::istringstream in(result.out);
  for (std::string line; std::getline(in, line);) {
    if (!says_something(line)) continue;
    statement += line + '\n';
    if (line.back() != ';') continue;
    if (statement.rfind("SET ", 0) != 0) out.push_back(without_order(with_sorted_options(statement)));
    statement.clear();
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<PlannedStep> plan(const Schema& from, const Schema& to, bool online) {
  const auto asked = backend();
  return plan_change(
      from, to, [&](const SchemaChange& change) { return asked->change(change); }, online);
}

std::string load_files(const Schema& schema, Backend& into) {
  const auto tool = backend();
  const TempDir folder;
  std::string out;
  const auto change = [&](const SchemaChange& one) { return tool->change(one); };
  for (const auto& [path, text] : schema_files(schema, change, "sql")) {
    const std::filesystem::path file = folder / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    out += "-- " + path + '\n' + text;
  }
  if (!out.empty()) load_definitions(read_definitions(folder.path(), *tool), into);
  return out;
}

std::string text(const std::vector<PlannedStep>& steps) {
  std::string out;
  for (const PlannedStep& step : steps) {
    out += step.step.sql + ";";
    if (step.step.hazards != 0 || !step.step.remark.empty())
      out += "  -- " + std::to_string(step.step.hazards) + ' ' + step.step.remark;
    out += '\n';
  }
  return out;
}

std::string difference_text(const Schema& from, const Schema& to) {
  std::string out;
  for (const Difference& difference : differences(from, to)) {
    out += difference.from == nullptr ? "+ " : difference.to == nullptr ? "- " : "! ";
    out += words(difference.fact().name) + '\n';
    for (const Detail& detail : details(difference)) out += "    " + detail.name + ": " + detail.from + " -> " + detail.to + '\n';
  }
  return out;
}

std::string difference_text(const std::vector<std::string>& from, const std::vector<std::string>& to) {
  std::string out;
  for (const std::string& statement : from)
    if (std::find(to.begin(), to.end(), statement) == to.end()) out += "- " + statement;
  for (const std::string& statement : to)
    if (std::find(from.begin(), from.end(), statement) == from.end()) out += "+ " + statement;
  return out;
}

}  // namespace flux::testing
