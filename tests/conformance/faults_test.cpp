// For each check a backend that breaks what it is about, and that it finds.
#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <thread>

#include "checker.hpp"
#include "temp_dir.hpp"

using namespace flux::testing;

namespace {

// The check of that name on the toy that breaks its promise.
CheckerRun run_on_fault(const std::string& name) {
  // Faults of the file are files.
  static const std::map<std::string, std::string> files = {
      {"one-export", "two_exports"}, {"note-present", "no_note"}, {"file-name", "other_name"}};
  const TempDir folder;
  std::vector<std::string> arguments = toy_arguments(folder.path());
  arguments.insert(arguments.end(), {"--only", name});
  const auto own = files.find(name);
  return own != files.end() ? run_checker(toy_file(own->second), arguments) : run_checker(toy_file(), arguments, name);
}

}  // namespace

TEST_SUITE("faults") {
  TEST_CASE("each check finds the backend that breaks its promise") {
    const std::vector<std::string> names = all_check_names();
    REQUIRE(names.size() > 100);
    // Several at once: what is about waiting mostly waits.
    std::vector<CheckerRun> runs(names.size());
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i)
      workers.emplace_back([&] {
        for (std::size_t at = next++; at < names.size(); at = next++) runs[at] = run_on_fault(names[at]);
      });
    for (std::thread& worker : workers) worker.join();

    for (std::size_t i = 0; i < names.size(); ++i) {
      CAPTURE(names[i]);
      CAPTURE(runs[i].process.err);
      CAPTURE(runs[i].process.out);
      CHECK(runs[i].process.exit_code == 1);
      CHECK(runs[i].names("failed") == std::vector<std::string>{names[i]});
    }
  }

  TEST_CASE("a backend without fault passes every check") {
    const TempDir folder;
    const CheckerRun run = run_checker(toy_file(), toy_arguments(folder.path()));
    CAPTURE(run.process.err);
    CAPTURE(run.report["checks"].dump(1));
    CHECK(run.process.exit_code == 0);
    CHECK(run.names("passed") == all_check_names());
  }
}
