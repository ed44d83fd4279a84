// What must hold of every schema and every pair of schemas, tried on random ones. FLUX_TEST_PAIRS: how many;
// FLUX_TEST_SEED: where to begin.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "database.hpp"
#include "random_schema.hpp"

namespace flux::testing {
namespace {

// What a person reads of a number is the same whatever type it has: 1, 1.0 and '1'.
std::string as_read(const std::string& rows) {
  std::istringstream in(rows);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    std::string out;
    std::istringstream values(line);
    for (std::string value; std::getline(values, value, '|');) {
      if (value.size() > 1 && value.front() == '\'') value = value.substr(1, value.size() - 2);
      char* end = nullptr;
      const double number = std::strtod(value.c_str(), &end);
      out += (end != value.c_str() && *end == '\0' ? std::to_string(number) : value) + "|";
    }
    lines.push_back(out);
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

bool has_rowid_of_its_own(const RandomTable& table) {
  return !table.without_rowid && table.find("rowid") == nullptr && table.key.empty();
}

// What both have of a table that is in both, as a query; "" where that is nothing.
std::string shared_part(const RandomTable& table, const RandomSchema& other) {
  const RandomTable* same = other.find(table.name);
  if (same == nullptr) return {};
  std::string columns = has_rowid_of_its_own(table) && has_rowid_of_its_own(*same) ? "rowid" : "";
  for (const RandomColumn& column : table.columns) {
    const RandomColumn* there = same->find(column.name);
    if (there != nullptr && column.generated.empty() && there->generated.empty())
      columns += (columns.empty() ? "" : ", ") + in_quotes(column.name);
  }
  return columns.empty() ? "" : "SELECT " + columns + " FROM " + in_quotes(table.name);
}

struct Pair {
  RandomSchema from, to;
  std::uint64_t seed = 0;  // of the rows
};

// The first thing that is wrong; "" where nothing is.
class Trial {
 public:
  explicit Trial(const Pair& pair) : pair_(pair) {}

  std::string run() {
    try {
      const std::string problem = run_steps();
      return problem.empty() ? "" : problem + "\n" + script_;
    } catch (const std::exception& error) {
      return std::string("it threw: ") + error.what() + "\n" + script_;
    }
  }
  bool refused() const { return refused_; }

 private:
  std::string run_steps() {
    Database database(definitions(pair_.from)), wanted(definitions(pair_.to));
    if (const std::string problems = database.problems() + wanted.problems(); !problems.empty()) return "problems: " + problems;
    Dice dice(pair_.seed);
    database.run(rows(pair_.from, dice));
    const Schema from = database.inspect(), to = wanted.inspect();
    if (const std::string written = differently_written(from); !written.empty()) return written;
    note_rows(database);
    if (const std::string there = go(database, from, to); !there.empty() || refused_) return there;
    return go(database, to, from);
  }

  std::string differently_written(const Schema& from) {
    Dice noise(pair_.seed);
    const std::string text = definitions(pair_.from, &noise);
    Database other(text);
    script_ = text;
    if (described(other.inspect()) != described(from)) return "written differently it is not the same:\n" + described(from) + described(other.inspect());
    script_.clear();
    return {};
  }

  void note_rows(Database& database) {
    for (const RandomTable& table : pair_.from.tables)
      if (const std::string query = shared_part(table, pair_.to); !query.empty()) rows_.emplace_back(query, as_read(database.ask(query)));
  }

  std::string go(Database& database, const Schema& from, const Schema& to) {
    const std::vector<PlannedStep> steps = way(from, to);
    script_ = script(steps);
    try {
      database.migrate(script_);
    } catch (const Error& error) {
      refused_ = (hazards(steps) & FLUX_HAZARD_MAY_FAIL) != 0;
      if (!refused_) return std::string("failed without saying so before: ") + error.what();
      return described(database.inspect()) == described(from) ? "" : "a failed migration left something";
    }
    const Schema now = database.inspect();
    if (described(now) != described(to)) return "not what was wanted:\n" + described(now) + "but:\n" + described(to);
    if (!way(now, to).empty()) return "a second diff is not empty";
    // SQLite 3.40 finds "TEXT value in" columns of every table WITHOUT ROWID.
    const std::string broken = database.ask(
        "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check NOT LIKE '% value in %' AND integrity_check <> 'ok'");
    if (!broken.empty()) return "integrity_check: " + broken;
    if (const std::string problems = database.problems(); !problems.empty()) return "problems: " + problems;
    for (const char* said : {"looks like a number", "becomes the next number"})
      if (remarks(steps).find(said) != std::string::npos) rows_.clear();
    for (const auto& [query, before] : rows_)
      if (as_read(database.ask(query)) != before) return "rows changed: " + query + "\n" + before + "now\n" + as_read(database.ask(query));
    return {};
  }

  const Pair& pair_;
  std::vector<std::pair<std::string, std::string>> rows_;  // query, answer
  std::string script_;
  bool refused_ = false;
};

std::string problem_of(const Pair& pair) { return Trial(pair).run(); }

std::vector<Pair> smaller_pairs(const Pair& pair) {
  std::vector<Pair> out;
  for (RandomSchema Pair::*side : {&Pair::from, &Pair::to})
    for (RandomSchema& less : smaller(pair.*side)) {
      if (definitions(less).size() >= definitions(pair.*side).size()) continue;
      out.push_back(pair);
      out.back().*side = std::move(less);
    }
  return out;
}

}  // namespace

TEST_CASE("a random schema becomes another one, and again what it was, with its rows") {
  const std::uint64_t first = setting("FLUX_TEST_SEED", 1), count = setting("FLUX_TEST_PAIRS", 1500);
  std::uint64_t refused = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Dice dice(seed);
    Pair pair{random_schema(dice), {}, seed};
    pair.to = dice.one_in(10) ? random_schema(dice) : mutated(pair.from, dice);
    Trial trial(pair);
    const std::string problem = trial.run();
    refused += trial.refused() ? 1 : 0;
    if (problem.empty()) continue;
    const Pair small = reduced(pair, smaller_pairs, problem_of, 20);
    FAIL("seed " << seed << "\nfrom\n" << definitions(small.from) << "to\n" << definitions(small.to) << problem_of(small));
  }
  MESSAGE(count << " pairs from seed " << first << "; " << refused << " could not go as their rows were, and said so");
  CHECK(refused < count / 4);
}

}  // namespace flux::testing
