#include "random_trial.hpp"

#include <flux/core/error.hpp>
#include <flux/core/schema/file_layout.hpp>
#include <flux/core/schema/settle.hpp>
#include <flux/core/schema/sync.hpp>

#include "random_rows.hpp"

namespace flux::testing {
namespace {

constexpr std::size_t pairs_in_a_database = 100;  // what is dropped stays in the catalogs for a while

std::vector<PlannedStep> part(const std::vector<PlannedStep>& steps, const StepGroup& group) {
  const auto first = steps.begin() + static_cast<std::ptrdiff_t>(group.first);
  return {first, first + static_cast<std::ptrdiff_t>(group.count)};
}

std::string filled(const RandomSchema& schema, std::uint64_t seed) {
  Dice dice(seed);
  std::string out;
  for (const std::string& row : rows(schema, dice))
    out += "DO $row$BEGIN " + row + "; SET CONSTRAINTS ALL IMMEDIATE; EXCEPTION WHEN OTHERS THEN NULL; END$row$;";
  return out;
}

// Everything that is there, and what was changed of what is there always.
constexpr const char* counted =
    "SELECT (SELECT count(*) FROM pg_class WHERE oid >= 16384), (SELECT count(*) FROM pg_type WHERE oid >= 16384), "
    "(SELECT count(*) FROM pg_proc WHERE oid >= 16384), (SELECT count(*) FROM pg_namespace WHERE oid >= 16384), "
    "(SELECT count(*) FROM pg_collation WHERE oid >= 16384), (SELECT count(*) FROM pg_publication), "
    "(SELECT count(*) FROM pg_shdepend WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())), "
    "n.nspacl, n.nspowner, obj_description(n.oid) FROM pg_namespace n WHERE n.nspname = 'public'";

// Nearly half of the server's time would go into plans of queries on catalogs that are nearly empty.
std::string with_little_planning(const Database& database) {
  for (const char* setting : {"join_collapse_limit = 1", "from_collapse_limit = 1", "enable_mergejoin = off",
                              "enable_material = off", "enable_memoize = off", "max_parallel_workers_per_gather = 0"})
    server().run("postgres", "ALTER DATABASE " + database.name() + " SET " + setting);
  return database.uri();
}

}  // namespace

Workbench::Workbench() : session(with_little_planning(database)) {
  inspector->connect(Uri(database.uri()));
  session.run("SET check_function_bodies = off; SET statement_timeout = '20s'; SET client_min_messages = error");
  empty = session.ask(counted);
}

void Workbench::load(RandomSchema& schema) {
  std::string all;
  for (const RandomStatement& statement : definitions(schema)) all += statement.sql + ";\n";
  if (!session.attempt(all)) return;
  for (const bool apart : {true, false}) {
    session.run("BEGIN");
    for (const RandomStatement& statement : definitions(schema, apart)) {
      if (schema.find(statement.key) == nullptr) continue;
      session.run("SAVEPOINT s");
      if (!session.attempt(statement.sql)) continue;
      session.run("ROLLBACK TO s");
      schema.remove(statement.key);
    }
    session.run("ROLLBACK");
  }
  all.clear();
  for (const RandomStatement& statement : definitions(schema)) all += statement.sql + ";\n";
  session.run(all);
}

void Workbench::run(const std::vector<PlannedStep>& steps) {
  for (const StepGroup& group : step_groups(steps)) session.run(statements_text(part(steps, group)));
}

std::string TrialRoom::problem_of(RandomPair& pair) {
  refused_ = false;
  script_.clear();
  std::string problem;
  try {
    problem = run(pair);
  } catch (const Error& error) {
    problem = std::string("it threw: ") + error.what() + ' ' + error.failures().front().detail;
  } catch (const std::exception& error) {
    problem = std::string("it threw: ") + error.what();
  }
  if (problem.empty() && ++pairs_ % pairs_in_a_database != 0) return {};
  target_.reset();
  wanted_.reset();
  return problem.empty() ? "" : problem + '\n' + script_;
}

std::string TrialRoom::run(RandomPair& pair) {
  if (!target_) target_ = std::make_unique<Workbench>();
  if (!wanted_) {
    wanted_ = std::make_unique<Workbench>();
    nothing_ = wanted_->inspect();
  }
  wanted_->load(pair.to);
  const Schema to = wanted_->inspect();
  target_->load(pair.from);
  const Schema from = target_->inspect();
  target_->session.run(filled(pair.from, pair.seed));
  const bool online = pair.seed % 6 == 0;
  std::string problem = go(from, to, online);
  if (problem.empty() && pair.seed % 40 == 0) {
    problem = difference_text(target_->database.dump(), wanted_->database.dump());
    if (!problem.empty()) return "pg_dump does not say the same:\n" + problem;
  }
  if (problem.empty()) problem = go(to, from, online);
  if (problem.empty()) problem = leave_nothing(*target_, from);
  if (problem.empty()) problem = leave_nothing(*wanted_, to);
  if (problem.empty() && pair.seed % 10 == 0) problem = files_problem(to);
  return problem;
}

std::string TrialRoom::go(const Schema& from, const Schema& to, bool online) {
  const std::vector<PlannedStep> steps = plan(from, to, online);
  script_ = text(steps);
  const TableLook look(from, to);
  const auto before = look.look(target_->session);
  bool emptied = false;
  for (const StepGroup& group : step_groups(steps)) {
    const std::vector<PlannedStep> now = part(steps, group);
    if (!target_->session.attempt(statements_text(now))) continue;
    const std::string problem = goes_wrong(now);
    if (!problem.empty()) return problem;
    if (emptied) return "it failed for its rows where there are none";
    refused_ = emptied = true;
    const Schema half_way = target_->inspect();
    target_->session.run(TableLook::truncate(half_way));
    // What failed CONCURRENTLY.
    for (const Fact& fact : half_way.facts())
      if (fact.name.kind == "index" && !fact.property("invalid").empty()) target_->session.run("DROP INDEX " + fact.name.identity);
    if (const auto error = target_->session.attempt(statements_text(now))) return "failed without rows: " + *error;
  }
  const Schema now = target_->inspect();
  if (!differences(now, to).empty()) {
    const Schema settled_now = settled(now, to, [this](const Schema& facts) { return made(facts); });
    if (const std::string left = difference_text(settled_now, to); !left.empty())
      return "not what was wanted:\n" + left;
  } else if (const std::string again = text(plan(now, to)); !again.empty()) {
    return "a second diff is not empty:\n" + again;
  }
  return emptied ? "" : look.unannounced(before, look.look(target_->session), steps);
}

// Finds the step that failed: "" where it has said that it may.
std::string TrialRoom::goes_wrong(const std::vector<PlannedStep>& steps) {
  const bool alone = steps.size() == 1;
  std::string problem;
  if (!alone) target_->session.run("BEGIN");
  for (const PlannedStep& step : steps) {
    const auto error = target_->session.attempt(step.step.sql);
    if (!error) continue;
    if ((step.step.hazards & FLUX_HAZARD_MAY_FAIL) == 0)
      problem = "failed without saying so before: " + *error + "in " + step.step.sql;
    break;
  }
  if (!alone) target_->session.run("ROLLBACK");
  return problem;
}

std::string TrialRoom::leave_nothing(Workbench& bench, const Schema& now) {
  const std::vector<PlannedStep> steps = plan(now, nothing_);
  script_ = text(steps);
  bench.run(steps);
  return bench.session.ask(counted) == bench.empty
             ? ""
             : "something is left:\n" + difference_text(bench.inspect(), nothing_);
}

std::string TrialRoom::files_problem(const Schema& schema) {
  script_ = load_files(schema, *wanted_->inspector);
  const Schema loaded = wanted_->inspect();
  wanted_->run(plan(loaded, nothing_));
  if (differences(loaded, schema).empty()) return {};
  const std::string left =
      difference_text(settled(loaded, schema, [this](const Schema& facts) { return made(facts); }), schema);
  return left.empty() ? "" : "its files do not make the same:\n" + left;
}

Schema TrialRoom::made(const Schema& facts) {
  scratch_ = std::make_unique<Workbench>();
  scratch_->run(plan(Schema(), facts));
  return scratch_->inspect();
}

}  // namespace flux::testing
