// The checker itself: what it is told, what it says.
#include "checker.hpp"

#include <doctest/doctest.h>

#include "temp_dir.hpp"

using namespace flux::testing;

namespace {

ProcessResult run(std::vector<std::string> arguments, const std::string& fault = "") {
  arguments.insert(arguments.begin(), FLUX_BACKEND_CHECK);
  ProcessOptions options;
  if (!fault.empty()) options.env["FLUX_CHECK_FAULT"] = fault;
  return run_process(arguments, options);
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_SUITE("checker") {
  TEST_CASE("what it cannot begin with ends with 2 and says why") {
    const TempDir folder;
    write_file(folder / "quirks.toml", "create = \"x\"\nno_such_quirk = 1\n");
    write_file(folder / "type.toml", "create = 1\n");
    const std::string uri = "toy:" + folder.path().string();
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{}, "FILE is missing"},
        {{toy_file()}, "--uri is missing"},
        {{toy_file(), "--uri", uri, "--only", "no-such-check"}, "there is no check \"no-such-check\""},
        {{toy_file(), "--uri", uri, "--quirks", folder / "quirks.toml"},
         "quirks.toml:2:1: there is no quirk \"no_such_quirk\""},
        {{toy_file(), "--uri", uri, "--quirks", folder / "type.toml"}, "type.toml:1:10: \"create\" must be a string"},
        {{toy_file(), "--uri", uri, "--config", "nothing=1"}, "the backend has no such key"},
        {{toy_file(), "--uri", uri, "--config", "retries=many"}, "\"many\" is not a number"},
        {{"/there/is/none.so", "--uri", uri}, "there is no /there/is/none.so"},
        {{toy_file(), "--format", "xml"}, "--format"},
    };
    for (const auto& [arguments, message] : cases) {
      CAPTURE(message);
      const ProcessResult result = run(arguments);
      CAPTURE(result.err);
      CHECK(result.exit_code == 2);
      CHECK(has(result.err, message));
    }
  }

  TEST_CASE("a failure says what was expected, what came, and how to see it again") {
    const TempDir folder;
    std::vector<std::string> arguments = toy_arguments(folder.path());
    arguments.insert(arguments.begin(), toy_file());
    arguments.insert(arguments.end(), {"--config", "retries=4", "--only", "ids-long", "--only", "ids-odd"});
    const ProcessResult result = run(arguments, "ids-long");
    CAPTURE(result.out);
    CHECK(result.exit_code == 1);
    CHECK(has(result.out, "pass  ids-odd"));
    CHECK(has(result.out, "FAIL  ids-long\n      promise   flux_history_row.id: 255 bytes\n      expected  "));
    CHECK(has(result.out, " --config retries=4 --only ids-long\n"));
    CHECK(has(result.out, "1 passed, 1 failed, 0 not declared\n"));
  }

  TEST_CASE("a crash, an exit and an endless call are failures of their check") {
    const TempDir folder;
    std::vector<std::string> arguments = toy_arguments(folder.path());
    arguments.insert(arguments.begin(), toy_file());
    const auto came = [&](const std::string& check) {
      std::vector<std::string> all = arguments;
      all.insert(all.end(), {"--only", check});
      return run(all, check).out;
    };
    CHECK(has(came("create-destroy"), "signal 6"));
    CHECK(has(came("create-failed"), "exit(3)"));
    std::vector<std::string> endless = arguments;
    endless.insert(endless.end(), {"--only", "cancel-idle", "--only", "lock-timeout", "--slow", "10"});
    const std::string out = run(endless, "endless").out;
    CAPTURE(out);
    CHECK(has(out, "expected  an end within 6 s\n      came      the backend was still at it"));
    CHECK(has(out, "pass  lock-timeout"));
  }

  TEST_CASE("a target with somebody's history is left alone") {
    const TempDir folder;
    write_file(folder / "toy.store",
               "memo "
               "1\nhistory\t\t20260101_001_theirs\tsha256:00\tapplied\t\\N\t\\N\t\\N\t1\t-1\t-1\t\\N\t\\N\t\\N\t\\N\t-"
               "1\t-1\n");
    const std::string before = read_file(folder / "toy.store");
    const CheckerRun run = run_checker(toy_file(), toy_arguments(folder.path()));
    CHECK(run.process.exit_code == 2);
    CHECK(has(run.process.err, "the target has a history (20260101_001_theirs is applied)"));
    CHECK(read_file(folder / "toy.store") == before);
  }

  TEST_CASE("a target that all checks share is as empty in the end as it was") {
    const TempDir folder;
    run_checker(toy_file(), toy_arguments(folder.path()));
    CHECK(read_file(folder / "toy.store") == "memo 1\n");
  }

  TEST_CASE("JUnit's XML counts what was not declared as skipped") {
    const TempDir folder;
    const ProcessResult result = run({toy_file(), "--uri", "toy:" + folder.path().string(), "--format", "junit",
                                      "--only", "relative-path", "--only", "one-export"});
    CAPTURE(result.out);
    CHECK(has(result.out, "tests=\"2\" failures=\"0\" skipped=\"1\""));
    CHECK(has(result.out, "<skipped message=\"not declared: the quirks name no relative URI\"/>"));
  }
}
