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

constexpr const char* somebodys_history =
    "memo 1\nhistory\t\t20260101_001_theirs\tsha256:00\tapplied\t\\N\t\\N\t\\N\t1\t-1\t-1\t\\N\t\\N\t\\N\t\\N\t"
    "-1\t-1\n";

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
    CHECK(has(result.out, "1 passed, 1 failed, 0 not declared, 0 no quirk\n"));
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
    write_file(folder / "toy.store", somebodys_history);
    const CheckerRun run = run_checker(toy_file(), toy_arguments(folder.path()));
    CHECK(run.process.exit_code == 2);
    CHECK(has(run.process.err, "the target has a history (20260101_001_theirs is applied)"));
    CHECK(read_file(folder / "toy.store") == somebodys_history);
  }

  TEST_CASE("a target that all checks share is as empty in the end as it was") {
    const TempDir folder;
    run_checker(toy_file(), toy_arguments(folder.path()));
    CHECK(read_file(folder / "toy.store") == "memo 1\n");
  }

  TEST_CASE("each target of its own is looked at, and as empty in the end as it was") {
    const TempDir folder;
    for (int i = 0; i < 200; ++i) std::filesystem::create_directory(folder / std::to_string(i));
    const std::vector<std::string> arguments = {"--uri",    "toy:" + (folder / "{n}").string(),
                                                "--quirks", FLUX_SOURCE_DIR "/tests/conformance/toy.toml",
                                                "--only",   "ids-odd",
                                                "--only",   "commit-keeps"};
    for (int time = 1; time <= 2; ++time) {
      CAPTURE(time);
      const CheckerRun run = run_checker(toy_file(), arguments);
      CAPTURE(run.process.out);
      CHECK(run.names("passed").size() == 2);
    }
    int stores = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
      if (entry.path().filename() == "toy.store") {
        ++stores;
        CHECK(read_file(entry.path()) == "memo 1\n");
      }
    CHECK(stores >= 2);

    for (int i = 1; i < 200; ++i) write_file(folder / std::to_string(i) / "toy.store", somebodys_history);
    const CheckerRun run = run_checker(toy_file(), arguments);
    CHECK(run.process.exit_code == 2);
    CHECK(has(run.process.err, "the target has a history (20260101_001_theirs is applied)"));
    for (int i = 1; i < 200; ++i) CHECK(read_file(folder / std::to_string(i) / "toy.store") == somebodys_history);
  }

  TEST_CASE("a target whose history cannot be listed is left alone, but for the checks of the file") {
    const TempDir folder;
    write_file(folder / "toy.store", "of another program\n");
    std::vector<std::string> arguments = toy_arguments(folder.path());
    arguments.insert(arguments.begin(), toy_file());
    const ProcessResult result = run(arguments);
    CAPTURE(result.out);
    CHECK(result.exit_code == 2);
    CHECK(has(result.err, "nothing is written to a target whose history cannot be listed"));
    CHECK(has(result.out, "pass  one-export"));
    CHECK(!has(result.out, "list-before-initialize"));
    CHECK(read_file(folder / "toy.store") == "of another program\n");
  }

  TEST_CASE("the target is looked at by a command that ends with 0, or the check says that it was not") {
    const TempDir folder;
    const auto came = [&](const std::string& snapshot, const std::string& fault = "") {
      std::string quirks = read_file(FLUX_SOURCE_DIR "/tests/conformance/toy.toml");
      write_file(folder / "quirks.toml", quirks + "snapshot = '" + snapshot + "'\n");
      return run({toy_file(), "--uri", "toy:" + folder.path().string(), "--quirks", folder / "quirks.toml", "--only",
                  "list-writes-nothing"},
                 fault)
          .out;
    };
    CHECK(has(came("ls ${FLUX_CHECK_URI#toy:}"), "pass  list-writes-nothing"));
    CHECK(has(came("ls ${FLUX_CHECK_URI#toy:}", "list-writes-nothing"), "a target that the first listing has changed"));
    CHECK(has(came("exit 3"), "came      exit(3)"));
    CHECK(has(came("no-such-program-of-flux"), "came      exit(127)"));
  }

  TEST_CASE("no password of --uri is repeated") {
    const TempDir folder;
    std::vector<std::string> arguments = toy_arguments(folder.path());
    arguments[1] += "?password=0f-the-user";
    arguments.insert(arguments.begin(), toy_file());
    arguments.insert(arguments.end(), {"--only", "ids-long"});
    for (const char* format : {"text", "json", "junit"}) {
      CAPTURE(format);
      std::vector<std::string> all = arguments;
      all.insert(all.end(), {"--format", format});
      const ProcessResult result = run(all, "ids-long");
      CAPTURE(result.out);
      CHECK(result.exit_code == 1);
      CHECK(has(result.out, "?password=***"));
      CHECK(!has(result.out + result.err, "0f-the-user"));
    }
  }

  TEST_CASE("JUnit's XML counts what was not declared as skipped") {
    const TempDir folder;
    const ProcessResult result = run({toy_file(), "--uri", "toy:" + folder.path().string(), "--format", "junit",
                                      "--only", "relative-path", "--only", "one-export"});
    CAPTURE(result.out);
    CHECK(has(result.out, "tests=\"2\" failures=\"0\" skipped=\"1\""));
    CHECK(has(result.out, "<skipped message=\"no quirk: relative\"/>"));
  }
}
