// Every pair of tests/schema/corpus/postgres, in both directions and from nothing.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "database.hpp"

using namespace flux;
using namespace flux::testing;

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// FLUX_CORPUS_ONLY chooses those whose names hold it.
std::vector<fs::path> pairs() {
  const char* only = std::getenv("FLUX_CORPUS_ONLY");
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(FLUX_CORPUS))
    if (only == nullptr || entry.path().filename().string().find(only) != std::string::npos)
      out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

// A table's file on disk, and how many rows it holds.
struct Table {
  std::string file;
  std::string rows;
  std::string above;  // what it inherits from: that is what a plan names
};
std::map<std::string, Table> tables(const Database& database) {
  std::map<std::string, Table> out;
  std::istringstream in(database.run(
      "SELECT coalesce(string_agg(c.oid::regclass || E'\\t' || c.relfilenode || E'\\t' || coalesce((SELECT "
      "inhparent::regclass::text FROM pg_inherits WHERE inhrelid = c.oid LIMIT 1), '') || E'\\t' || "
      "(xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ONLY ' || c.oid::regclass, false, true, "
      "'')))[1], E'\\n'), "
      "'') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname !~ "
      "'^(pg_|inf)'"));
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string name, file, above, rows;
    std::getline(fields, name, '\t');
    std::getline(fields, file, '\t');
    std::getline(fields, above, '\t');
    std::getline(fields, rows, '\t');
    out[name] = {file, rows, above};
  }
  return out;
}

// Whether one of the steps says such a thing about the table.
bool says(const std::vector<PlannedStep>& steps, unsigned hazards, const std::string& table) {
  return !table.empty() && std::any_of(steps.begin(), steps.end(), [&](const PlannedStep& step) {
    return (step.step.hazards & hazards) != 0 &&
           (step.step.sql.find(table) != std::string::npos || step.step.remark.find(table) != std::string::npos);
  });
}

// A database that a file has filled, and rows in it where the pair has any.
struct Filled : Database {
  Filled(const fs::path& pair, const char* file) {
    load(read(pair / file));
    if (const fs::path rows = pair / "rows.sql"; fs::exists(rows)) run(read(rows));
  }
};

// How a database is to be.
struct Goal {
  Schema schema;
  std::vector<std::string> dump;
  explicit Goal(const Database& database) : schema(database.inspect()), dump(database.dump()) {}
};

// Brings the database to the goal, and looks at everything.
void change(const Database& database, const Goal& goal, bool online) {
  const Schema before = database.inspect();
  const std::vector<PlannedStep> steps = plan(before, goal.schema, online);
  const std::string planned = text(steps);
  CAPTURE(planned);
  const auto rows_before = tables(database);
  try {
    database.run(steps);
  } catch (const std::exception& e) {
    const std::string error = e.what();
    FAIL_CHECK(error);
    throw;
  }
  const Schema after = database.inspect();
  CHECK(difference_text(after, goal.schema) == "");
  CHECK(text(plan(after, goal.schema)) == "");
  CHECK(difference_text(database.dump(), goal.dump) == "");
  const auto rows_after = tables(database);
  for (const auto& [name, table] : rows_before) {
    const auto now = rows_after.find(name);
    if (now == rows_after.end()) continue;
    CAPTURE(name);
    if (!says(steps, FLUX_HAZARD_DATA_LOSS, name)) CHECK(now->second.rows == table.rows);
    const unsigned writes = FLUX_HAZARD_DATA_LOSS | FLUX_HAZARD_REWRITE;
    if (!says(steps, writes, name) && !says(steps, writes, table.above)) CHECK(now->second.file == table.file);
  }
}

void both_ways(const fs::path& pair, const Goal& a, const Goal& b, bool online) {
  CAPTURE(online);
  const Filled database(pair, "a.sql");
  change(database, b, online);
  change(database, a, online);
  if (!fs::exists(pair / "rows.sql")) return;
  const Filled back(pair, "b.sql");
  change(back, a, online);
}

// As the files that are written of it, and into nothing again.
void by_files(const Database& database, const Goal& goal, const Goal& nothing) {
  const auto connected = backend();
  connected->connect(Uri(database.uri()));
  const std::string files = load_files(goal.schema, *connected);
  CAPTURE(files);
  CHECK(difference_text(connected->inspect(), goal.schema) == "");
  change(database, nothing, false);
}

void check_pair(const fs::path& pair, const Goal& nothing) {
  const std::string name = pair.filename().string();
  CAPTURE(name);
  try {
    Database loaded_a, loaded_b;
    loaded_a.load(read(pair / "a.sql"));
    loaded_b.load(read(pair / "b.sql"));
    const Goal a(loaded_a), b(loaded_b);
    both_ways(pair, a, b, false);
    const bool differs = text(plan(a.schema, b.schema, true)) != text(plan(a.schema, b.schema)) ||
                         text(plan(b.schema, a.schema, true)) != text(plan(b.schema, a.schema));
    if (differs) both_ways(pair, a, b, true);
    const Database made;
    for (const Goal* goal : {&a, &nothing, &b, &nothing}) change(made, *goal, false);
    for (const Goal* goal : {&a, &b}) by_files(made, *goal, nothing);
  } catch (const std::exception& e) {
    const std::string error = e.what();
    FAIL_CHECK(error);
  }
}

}  // namespace

TEST_SUITE("postgres schema corpus") {
  TEST_CASE("every pair goes both ways, also online, and from nothing to nothing") {
    const Database empty;
    const Goal nothing(empty);
    const std::vector<fs::path> all = pairs();
    CHECK(all.size() > 0);
    // Most of the time the one waits for the server.
    constexpr int workers = 4;
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < workers; ++i)
      threads.emplace_back([&] {
        for (std::size_t at = next++; at < all.size(); at = next++) check_pair(all[at], nothing);
      });
    for (std::thread& thread : threads) thread.join();
  }
}
