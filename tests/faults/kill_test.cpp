#include <atomic>
#include <csignal>
#include <future>
#include <iostream>
#include <mutex>

#include "kill_project.hpp"
#include "proxy.hpp"

using namespace flux::testing;

namespace {

// Every third point where everything is slow.
constexpr int step = sanitized ? 3 : 1;

// The problems that several threads find.
class Problems {
 public:
  void add(const std::string& problem) {
    const std::lock_guard lock(mutex_);
    all_ += problem + "\n";
    ++count_;
  }
  int count() const { return count_; }
  const std::string& all() const { return all_; }

 private:
  std::mutex mutex_;
  std::string all_;
  int count_ = 0;
};

void empty(const Database& database) {
  database.run("set client_min_messages = warning; drop schema public cascade; create schema public");
}

// Runs `flux apply` through a proxy that kills it at its n-th message, once the server has that one if it is for the
// server; 0: never. Returns how many messages there were, 0 where it was killed.
int run_killed(const KillProject& project, const std::string& database, int n) {
  std::promise<const Child*> started;
  const std::shared_future<const Child*> flux = started.get_future().share();
  Proxy proxy(postgres().port(), [&](const Message& message) {
    Fault fault;
    if (message.number != n) return fault;
    fault.pass_first = message.from == From::client;
    fault.call = [flux] { flux.get()->signal(SIGKILL); };
    fault.deed = Fault::Deed::hang_up;
    return fault;
  });
  const auto child = start_flux(project.project(), {"apply", proxy.uri(database), "--yes"});
  started.set_value(child.get());
  const int code = child->wait();
  if (code == 128 + SIGKILL) return 0;
  if (code != 0) throw std::runtime_error("flux apply exits with " + std::to_string(code) + "\n" + child->text());
  return proxy.messages();
}

// Kills at one point and returns what was wrong then.
std::string problem_at(const KillProject& project, const Database& database, const std::string& name, int n,
                       const Facts& undisturbed) {
  empty(database);
  if (run_killed(project, name, n) != 0) return "";  // it had ended before
  if (!alone(database)) return "a session of the killed run is still there";
  if (const std::string problem = KillProject::disagreement(project.facts()); !problem.empty()) return problem;
  return project.finish(undisturbed);
}

std::string name_of(const Database& database) { return database.uri().substr(database.uri().rfind('/') + 1); }

}  // namespace

TEST_SUITE_BEGIN("kill");

TEST_CASE("kill -9 after every protocol message loses, doubles and half-applies nothing") {
  const auto first = new_postgres(), second = new_postgres();
  const KillProject reference(*first);
  const int points = run_killed(reference, name_of(*first), 0);
  const Facts undisturbed = reference.facts();
  REQUIRE(KillProject::disagreement(undisturbed) == "");

  Problems problems;
  std::atomic<int> next{1}, made{0};
  const auto work = [&](const Database& database) {
    const KillProject project(database);
    for (int n = next.fetch_add(step); n <= points; n = next.fetch_add(step), ++made) {
      try {
        const std::string problem = problem_at(project, database, name_of(database), n, undisturbed);
        if (!problem.empty()) problems.add("message " + std::to_string(n) + ": " + problem);
      } catch (const std::exception& e) {
        problems.add("message " + std::to_string(n) + ": " + e.what());
      }
    }
  };
  auto other = std::async(std::launch::async, [&] { work(*second); });
  work(*first);
  other.get();
  std::cout << "PostgreSQL: killed at " << made << " of " << points << " messages"
            << (step > 1 ? " (every third: sanitizers are on)" : "") << std::endl;
  CAPTURE(problems.all());
  CHECK(problems.count() == 0);
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("kill_sqlite");

namespace {

// The same for SQLite, at the n-th write; `torn`: half of that write is done.
ProcessResult run_sqlite(const KillProject& project, int n, bool torn, const std::filesystem::path& count) {
  ProcessOptions options;
  options.env["LD_PRELOAD"] = FLUX_KILL_AT_WRITE;
  options.env["ASAN_OPTIONS"] = "verify_asan_link_order=0";
  options.env["KILL_AT_WRITE"] = std::to_string(n);
  options.env["KILL_TORN"] = torn ? "1" : "0";
  options.env["KILL_COUNT_FILE"] = count.string();
  const auto child = start_flux(project.project(), {"apply", "--yes"}, options);
  return {child->wait(), child->out(), child->err()};
}

std::string sqlite_problem_at(int n, bool torn, const Facts& undisturbed, const std::filesystem::path& count) {
  const auto database = new_sqlite();
  const KillProject project(*database);
  if (const int code = run_sqlite(project, n, torn, count).exit_code; code != 128 + SIGKILL)
    return code == 0 ? "" : "flux apply exits with " + std::to_string(code);
  if (const std::string problem = KillProject::disagreement(project.facts()); !problem.empty()) return problem;
  if (const std::string check = database->run("pragma integrity_check"); check != "ok") return check;
  return project.finish(undisturbed);
}

}  // namespace

TEST_CASE("kill -9 at every write of SQLite loses, doubles and half-applies nothing") {
  const TempDir folder;
  const auto database = new_sqlite();
  const KillProject reference(*database);
  const ProcessResult whole = run_sqlite(reference, 0, false, folder / "count");
  CAPTURE(whole.err);
  REQUIRE(whole.exit_code == 0);
  const int points = std::stoi(read_file(folder / "count"));
  const Facts undisturbed = reference.facts();
  REQUIRE(KillProject::disagreement(undisturbed) == "");
  REQUIRE(points > 20);

  Problems problems;
  std::atomic<int> next{1}, made{0};
  const auto work = [&](const std::string& count) {
    for (int n = next.fetch_add(step); n <= points; n = next.fetch_add(step)) {
      for (const bool torn : {false, true}) {
        ++made;
        try {
          const std::string problem = sqlite_problem_at(n, torn, undisturbed, folder / count);
          if (!problem.empty()) problems.add("write " + std::to_string(n) + (torn ? ", torn: " : ": ") + problem);
        } catch (const std::exception& e) {
          problems.add("write " + std::to_string(n) + (torn ? ", torn: " : ": ") + e.what());
        }
      }
    }
  };
  auto other = std::async(std::launch::async, [&] { work("other"); });
  work("one");
  other.get();
  std::cout << "SQLite: killed " << made << " times, before and in the middle of " << points << " writes"
            << (step > 1 ? " (every third: sanitizers are on)" : "") << std::endl;
  CAPTURE(problems.all());
  CHECK(problems.count() == 0);
}

TEST_SUITE_END();
